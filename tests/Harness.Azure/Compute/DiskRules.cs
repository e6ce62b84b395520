using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Compute;

/// <summary>What Azure demands of a disk that is made or changed.</summary>
internal static class DiskRules
{
    public static void CheckNew(JsonObject body, StorageResource? source)
    {
        var size = body.Whole("properties", "diskSizeGB");
        if (size is null && source is null)
        {
            throw ArmException.InvalidParameter("disk.diskSizeGB", "Required parameter 'disk.diskSizeGB' is missing (null).");
        }

        if (source?.Properties.Whole("diskSizeGB") > size)
        {
            throw ArmException.InvalidParameter("disk.diskSizeGB", FormattableString.Invariant($"The specified disk size {size} GB is smaller than the size of its source, {source.Properties.Whole("diskSizeGB")} GB."));
        }

        if (body.Text("sku", "name") is "PremiumV2_LRS" or "UltraSSD_LRS" && body.Texts("zones").Count == 0)
        {
            throw ArmException.InvalidParameter("zones", $"Managed disks with '{body.Text("sku", "name")}' storage account type can be used only with Virtual Machines in an Availability Zone.");
        }
    }

    public static void CheckChange(AzureCloud cloud, DiskResource disk, JsonObject body)
    {
        if (body.Whole("properties", "diskSizeGB") is { } size && size != disk.SizeGB)
        {
            if (size < disk.SizeGB)
            {
                throw ArmException.InvalidParameter("disk.diskSizeGB", FormattableString.Invariant($"Disk size reduction is not supported. Current size is {disk.SizeGB} GB, requested size is {size} GB."));
            }

            if (disk.State == "Attached")
            {
                throw ArmException.NotAllowed($"Cannot resize disk {disk.Name} while it is attached to running VM {disk.Owners[0]}. Resizing a disk of an Azure Virtual Machine requires the virtual machine to be deallocated.");
            }
        }

        if (body.Text("sku", "name") is { } sku && sku != disk.Sku && cloud.Store.Of<MachineResource>().Any(machine => machine.Running && disk.Owners.Exists(machine.Is)))
        {
            throw ArmException.NotAllowed($"Cannot change the storage account type of disk {disk.Name} while it is attached to running VM {disk.Owners[0]}.");
        }
    }

    /// <summary>Refuses while another operation makes or changes it.</summary>
    public static void CheckIdle(StorageResource storage)
    {
        if (storage.Current is { } current)
        {
            throw new ArmException(409, "Conflict", $"The request failed due to conflict with a concurrent request. The operation '{current.Action}' of '{storage.Name}' is under way.");
        }
    }
}
