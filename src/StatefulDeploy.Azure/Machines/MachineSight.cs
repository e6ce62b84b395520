using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Disks;

namespace StatefulDeploy.Azure.Machines;

/// <summary>A virtual machine as Azure tells it.</summary>
internal sealed class MachineSight(ArmResource resource)
{
    /// <summary>All of it.</summary>
    public ArmResource Resource => resource;

    /// <summary>Its id.</summary>
    public ResourceId Id => resource.Id;

    /// <summary>Its size.</summary>
    public string Size => resource.Properties.Text("hardwareProfile", "vmSize") ?? string.Empty;

    /// <summary>Its zone; null for none.</summary>
    public string? Zone => resource.Zones is [var one, ..] ? one : null;

    /// <summary>Whether it is in an availability set.</summary>
    public bool InAvailabilitySet => resource.Properties.Text("availabilitySet", "id") is not null;

    /// <summary>Whether it can have Ultra disks.</summary>
    public bool UltraEnabled => resource.Properties.Flag("additionalCapabilities", "ultraSSDEnabled");

    /// <summary>Whether its last change failed: then its list of disks may tell of one that it does not have.</summary>
    public bool IsFailed => resource.ProvisioningState == "Failed";

    /// <summary>Whether something is being done to it.</summary>
    public bool IsBusy => resource.ProvisioningState is "Updating" or "Creating" or "Deleting" or "Migrating";

    /// <summary>Its data disks.</summary>
    public IReadOnlyList<AttachedDisk> Disks => [.. resource.Properties.Objects("storageProfile", "dataDisks").Select(entry => new AttachedDisk(entry))];

    /// <summary>Its network interfaces, the primary one first.</summary>
    public IReadOnlyList<ResourceId> Interfaces =>
    [
        .. resource.Properties.Objects("networkProfile", "networkInterfaces")
            .OrderBy(one => one.Flag("properties", "primary") ? 0 : 1)
            .Select(one => ResourceId.TryParse(one.Text("id"))).OfType<ResourceId>(),
    ];

    /// <summary>A data disk in its list; null when it is not there.</summary>
    public AttachedDisk? Find(ResourceId disk) => Disks.FirstOrDefault(one => disk.Equals(one.Disk));

    /// <summary>The lowest number that no disk of it has.</summary>
    public int FreeLun(IEnumerable<int> alsoTaken)
    {
        var taken = Disks.Select(disk => disk.Lun).Concat(alsoTaken).ToHashSet();
        return Enumerable.Range(0, 64).First(lun => !taken.Contains(lun));
    }
}
