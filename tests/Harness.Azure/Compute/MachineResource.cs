using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Compute;

/// <summary>A virtual machine.</summary>
internal sealed class MachineResource(string id, JsonObject model) : ArmResource(id, "Microsoft.Compute/virtualMachines", model)
{
    /// <summary>Counts its changes: the ETag.</summary>
    public int Revision { get; set; } = 1;

    /// <summary><c>running</c>, <c>stopped</c> or <c>deallocated</c>.</summary>
    public string Power { get; set; } = "running";

    public string Etag => FormattableString.Invariant($"\"{Revision}\"");

    public bool Running => Power == "running";

    public string Size => Properties.Text("hardwareProfile", "vmSize") ?? string.Empty;

    public JsonArray DataDisks
    {
        get
        {
            var storage = Properties.Child("storageProfile");
            if (storage["dataDisks"] is not JsonArray disks)
            {
                storage["dataDisks"] = disks = [];
            }

            return disks;
        }
    }
}
