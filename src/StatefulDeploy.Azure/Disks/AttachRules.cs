using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Machines;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Disks;

/// <summary>What Azure would refuse about a disk at a machine, found out without touching either.</summary>
internal static class AttachRules
{
    // learn.microsoft.com/azure/virtual-machines/disks-types and azure/virtual-machines/disks-shared have these rules.
    public static IEnumerable<Finding> Inspect(VolumeDescription volume, DiskSight disk, MachineSight machine, MachineSize? size, IReadOnlyList<ResourceId> ours)
    {
        var (name, target) = (volume.Name, machine.Id.Name);
        if (disk.Owners.FirstOrDefault(owner => !ours.Contains(owner)) is { } stranger)
            yield return Finding.Refuse("VolumeAttachedElsewhere", name, $"The disk '{disk.Id.Name}' is attached to the machine '{stranger.Name}', which is none of this service.", "Correct 'disk' of the volume, or the machines under azure.machines; a disk of somebody else is never taken.");
        if (disk.State is "ActiveSAS" or "ActiveSASFrozen" or "ReadyToUpload" or "ActiveUpload")
            yield return Finding.Refuse("DiskExported", name, $"The disk '{disk.Id.Name}' is in the state {disk.State}: somebody reads or writes it by a URL.", "End that access (az disk revoke-access), then do it again.");
        if (!string.Equals(disk.Resource.Location, machine.Resource.Location, StringComparison.OrdinalIgnoreCase))
            yield return Finding.Refuse("RegionMismatch", name, $"The disk '{disk.Id.Name}' is in {disk.Resource.Location}, and the machine '{target}' in {machine.Resource.Location}.", "Choose a machine in the disk's region.");
        if (machine.Zone != disk.Zone && !disk.IsInAllZones)
            yield return Finding.Refuse("ZoneMismatch", name, ZoneText(disk, machine), "Choose a machine in the disk's zone, or copy the disk by a snapshot.");
        foreach (var finding in Kind(volume, disk, machine, size).Concat(Room(volume, machine, size, disk)))
            yield return finding;
    }

    private static string ZoneText(DiskSight disk, MachineSight machine)
    {
        var place = machine.InAvailabilitySet ? "an availability set, which has no zone" : InZone(machine.Zone);
        return $"The disk '{disk.Id.Name}' is in {InZone(disk.Zone)}, and the machine '{machine.Id.Name}' in {place}.";
    }

    private static string InZone(string? zone) => zone is null ? "no zone" : $"zone {zone}";

    private static IEnumerable<Finding> Kind(VolumeDescription volume, DiskSight disk, MachineSight machine, MachineSize? size)
    {
        if (disk.IsUltra && !machine.UltraEnabled)
            yield return Finding.Refuse("UltraNotEnabled", volume.Name, $"The disk '{disk.Id.Name}' is an Ultra disk, and the machine '{machine.Id.Name}' is not enabled for those.", "Enable it while the machine is deallocated (az vm update --ultra-ssd-enabled true), or choose another machine.");
        if (disk.IsPremium && size is { PremiumStorage: false })
            yield return Finding.Refuse("PremiumNotSupported", volume.Name, $"The disk '{disk.Id.Name}' is {disk.Sku}, and the size {size.Name} of '{machine.Id.Name}' has no premium storage.", "Choose a size with premium storage.");
        if (disk.IsPremiumV2 && machine.Zone is null && machine.InAvailabilitySet)
            yield return Finding.Refuse("PremiumV2InAvailabilitySet", volume.Name, $"The disk '{disk.Id.Name}' is a Premium SSD v2 disk, and the machine '{machine.Id.Name}' is in an availability set.", "Choose a machine in the disk's zone.");
        if (volume.Caching is { } caching and not DiskCaching.None && DiskCaching.Obstacle(disk) is { } obstacle)
            yield return Finding.Refuse("CachingNotSupported", volume.Name, $"The volume is described with caching {caching}, which the disk '{disk.Id.Name}' cannot have: {obstacle}.", "Set 'caching: None', or leave the key out.");
        if (disk.MaxShares > 1)
            yield return Finding.Warn("DiskShared", volume.Name, $"The disk '{disk.Id.Name}' can be attached to {disk.MaxShares} machines at once. {volume.FileSystem} on it can be mounted by one.", "Set its maxShares to 1 where nothing needs more.");
    }

    private static IEnumerable<Finding> Room(VolumeDescription volume, MachineSight machine, MachineSize? size, DiskSight disk)
    {
        var others = machine.Disks.Where(one => !disk.Id.Equals(one.Disk)).ToList();
        if (size?.MaxDataDisks is { } most && others.Count >= most)
            yield return Finding.Refuse("NoLunLeft", volume.Name, $"The machine '{machine.Id.Name}' has {others.Count} data disks, and its size {size.Name} can have {most}.", "Choose a larger size, or detach a disk that nobody needs.");
        if (volume.Slot is { } lun && others.FirstOrDefault(one => one.Lun == lun) is { } taken)
            yield return Finding.Refuse("SlotTaken", volume.Name, $"LUN {lun} of the machine '{machine.Id.Name}' is taken by the disk '{taken.Name}'.", "Describe another 'slot', or none, for the one that it had or any that is free.");
        if (volume.Slot is { } wanted && size?.MaxDataDisks is { } count && wanted >= count)
            yield return Finding.Refuse("SlotTooHigh", volume.Name, $"LUN {wanted} is asked for, and the size {size.Name} of the machine '{machine.Id.Name}' has LUNs 0 to {count - 1}.", "Describe a lower 'slot', or none.");
    }
}
