using System.Text.Json.Nodes;
using StatefulDeploy.Azure.Arm;

namespace StatefulDeploy.Azure.Disks;

/// <summary>A data disk in the list of a machine.</summary>
/// <param name="Entry">The entry, with all that we do not know.</param>
internal sealed record AttachedDisk(JsonObject Entry)
{
    /// <summary>The managed disk; null for one that is none.</summary>
    public ResourceId? Disk => ResourceId.TryParse(Entry.Text("managedDisk", "id"));

    /// <summary>Its name.</summary>
    public string Name => Entry.Text("name") ?? Disk?.Name ?? "a disk without a name";

    /// <summary>Its logical unit number.</summary>
    public int Lun => (int)(Entry.Number("lun") ?? -1);

    /// <summary>The host's caching.</summary>
    public string Caching => Entry.Text("caching") ?? DiskCaching.None;

    /// <summary>Whether the write accelerator is on.</summary>
    public bool WriteAccelerator => Entry.Flag("writeAcceleratorEnabled");

    /// <summary>Whether it is on its way out.</summary>
    public bool IsLeaving => Entry.Flag("toBeDetached");

    /// <summary>Whether it is deleted with its machine.</summary>
    public bool DiesWithMachine => Entry.Text("deleteOption") == "Delete";
}
