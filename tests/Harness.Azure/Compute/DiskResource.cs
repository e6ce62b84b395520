using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Compute;

/// <summary>A managed disk.</summary>
internal sealed class DiskResource(string id, JsonObject model) : StorageResource(id, "Microsoft.Compute/disks", model)
{
    /// <summary>The ids of the machines that have it.</summary>
    public List<string> Owners { get; } = [];

    /// <summary>The operation that attaches or detaches it. It does not show in its state.</summary>
    public ArmOperation? Moving
    {
        get => field is { Running: true } ? field : null;
        set;
    }

    /// <summary>Whether <see cref="Moving"/> detaches it.</summary>
    public bool Leaving { get; set; }

    /// <summary>Whether a machine ever had it as a data disk, or it was copied from data.</summary>
    public bool HoldsData { get; set; }

    public int SizeGB => Properties.Whole("diskSizeGB") ?? 0;

    public string Sku => Model.Text("sku", "name") ?? "Standard_LRS";

    public string State
    {
        get => Properties.Text("diskState") ?? "Unattached";
        set => Properties["diskState"] = value;
    }

    /// <summary>Whether another machine may have it too.</summary>
    public bool Shared => Properties.Whole("maxShares") > 1;

    /// <summary>Writes down who has it, as Azure tells it.</summary>
    /// <param name="running">Whether the machine that has it runs.</param>
    public void TellOwners(bool running)
    {
        Model.Remove("managedBy");
        Model.Remove("managedByExtended");
        if (Owners.Count > 0)
        {
            Model["managedBy"] = Owners[0];
        }

        if (Shared && Owners.Count > 0)
        {
            Model["managedByExtended"] = Json.Array(Owners);
        }

        State = Owners.Count == 0 ? "Unattached" : running ? "Attached" : "Reserved";
    }
}
