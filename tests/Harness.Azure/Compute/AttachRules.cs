using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Compute;

/// <summary>What Azure demands of a data disk before a machine gets it. Codes and messages are those that its users report.</summary>
internal static class AttachRules
{
    private const int CacheLimitGB = 4095;
    private const int Luns = 64;

    public static void Check(AzureCloud cloud, MachineResource machine, JsonObject model, JsonObject entry, DiskResource disk)
    {
        var size = Size(cloud, model);
        CheckOwner(machine, disk);
        CheckPlace(machine, model, disk);
        var caching = entry.Text("caching") ?? "None";
        if (caching != "None" && (disk.Sku is "PremiumV2_LRS" or "UltraSSD_LRS" || disk.SizeGB > CacheLimitGB || disk.Shared))
        {
            throw ArmException.InvalidParameter("dataDisk.caching", $"Caching '{caching}' is not supported for the disk '{disk.Name}' ({disk.Sku}, {disk.SizeGB} GB).");
        }

        if (disk.Sku == "UltraSSD_LRS" && !model.Flag("properties", "additionalCapabilities", "ultraSSDEnabled"))
        {
            throw ArmException.InvalidParameter("dataDisk.managedDisk.storageAccountType", "StorageAccountType UltraSSD_LRS can be used only when additionalCapabilities.ultraSSDEnabled is set.");
        }

        if (disk.Sku.StartsWith("Premium", StringComparison.Ordinal) && !size.Premium)
        {
            throw ArmException.InvalidParameter("dataDisk.managedDisk.storageAccountType", $"Requested operation cannot be performed because storage account type '{disk.Sku}' is not supported for VM size '{size.Name}'.");
        }
    }

    /// <summary>Holds a machine's whole list to its size and its places.</summary>
    public static void CheckList(AzureCloud cloud, JsonObject model, IReadOnlyList<JsonObject> listed)
    {
        var size = Size(cloud, model);
        foreach (var lun in listed.Select(entry => entry.Whole("lun")).GroupBy(lun => lun).Where(group => group.Count() > 1))
        {
            throw ArmException.InvalidParameter("dataDisk.lun", FormattableString.Invariant($"A disk at LUN {lun.Key} already exists."));
        }

        if (listed.FirstOrDefault(entry => entry.Whole("lun") is < 0 or >= Luns) is { } outside)
        {
            throw ArmException.InvalidParameter("dataDisk.lun", FormattableString.Invariant($"The value {outside.Whole("lun")} of parameter dataDisk.lun is out of range."));
        }

        if (listed.Count > size.MaxDataDisks)
        {
            throw ArmException.NotAllowed(FormattableString.Invariant($"The maximum number of data disks allowed to be attached to a VM of this size is {size.MaxDataDisks}."));
        }
    }

    /// <summary>The size of a machine.</summary>
    public static MachineSize Size(AzureCloud cloud, JsonObject model)
    {
        var name = model.Text("properties", "hardwareProfile", "vmSize") ?? string.Empty;
        return cloud.Options.Sizes.FirstOrDefault(size => size.Name == name)
            ?? throw ArmException.InvalidParameter("vmSize", $"The value {name} provided for the VM size is not valid. The valid sizes in the current region are: {string.Join(',', cloud.Options.Sizes.Select(size => size.Name))}.");
    }

    private static void CheckOwner(MachineResource machine, DiskResource disk)
    {
        if (disk.Moving is not null && disk.Leaving)
        {
            throw new ArmException(409, "AttachDiskWhileBeingDetached", $"Cannot attach data disk '{disk.Name}' to VM '{machine.Name}' because the disk is currently being detached or the last detach operation failed. Please wait until the disk is completely detached and then try again or delete/detach the disk explicitly again.");
        }

        var owner = disk.Owners.Count > 0 ? disk.Owners[0] : disk.Moving?.Target.Id;
        if (owner is not null && !disk.Shared)
        {
            throw new ArmException(409, "ConflictingUserInput", $"Cannot attach the disk {disk.Name} to VM {machine.Id} because it is already attached to VM {owner}. A disk can be attached to only one VM at a time.", disk.Id);
        }

        if (disk.Shared && disk.Owners.Count >= disk.Properties.Whole("maxShares"))
        {
            throw new ArmException(409, "ConflictingUserInput", $"Cannot attach the disk {disk.Name} to VM {machine.Id} because it is already attached to its maximum of {disk.Owners.Count} VMs.", disk.Id);
        }

        DiskRules.CheckIdle(disk);
        if (disk.State is not ("Unattached" or "Attached" or "Reserved"))
        {
            throw new ArmException(409, "ConflictingUserInput", $"Cannot attach the disk {disk.Name} because it is in state {disk.State}.", disk.Id);
        }
    }

    private static void CheckPlace(MachineResource machine, JsonObject model, DiskResource disk)
    {
        if (disk.Location != (model.Text("location") ?? machine.Location))
        {
            throw new ArmException(400, "BadRequest", $"Disk {disk.Id} cannot be attached to the VM because it is not in the same location as the VM. VM location: '{model.Text("location")}'. Disk location: '{disk.Location}'.");
        }

        var zone = model.Texts("zones") is [var one, ..] ? one : null;
        if (disk.Zone is not null && model.At("properties", "availabilitySet") is not null)
        {
            throw new ArmException(400, "BadRequest", $"Disk {disk.Id} cannot be attached to the VM because it is a zonal disk and the VM is in an availability set.");
        }

        if (disk.Zone != zone && !disk.Sku.EndsWith("_ZRS", StringComparison.Ordinal))
        {
            throw new ArmException(400, "BadRequest", $"Disk {disk.Id} cannot be attached to the VM because it is not in the same zone as the VM. VM zone: '{zone}'. Disk zone: '{disk.Zone}'.");
        }
    }
}
