using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Compute;

/// <summary>Managed disks.</summary>
/// <param name="cloud">Where.</param>
internal sealed class ManagedDisks(AzureCloud cloud)
{
    private const string Type = "Microsoft.Compute/disks";

    public void Add(ArmRoutes routes)
    {
        routes.On("GET", $"{Type}/*", call => new ArmAnswer(200, Show(cloud, cloud.Store.Get<DiskResource>(call.Request))));
        routes.On("GET", Type, List);
        routes.On("PUT", $"{Type}/*", Put);
        routes.On("PATCH", $"{Type}/*", Patch);
        routes.On("DELETE", $"{Type}/*", Delete);
    }

    /// <summary>A disk as a client sees it.</summary>
    internal static JsonObject Show(AzureCloud cloud, StorageResource storage)
    {
        Copies.Progress(cloud, storage);
        return storage.Model.Copy();
    }

    private ArmAnswer List(ArmCall call)
    {
        var found = cloud.Store.Of<DiskResource>().Where(disk => Pages.InScope(disk, call.Request)).Select(disk => Show(cloud, disk)).ToList();
        return Pages.Of(cloud, call, found).With("x-ms-original-request-ids", found.Count == 0 ? null : Guid.NewGuid().ToString());
    }

    private ArmAnswer Put(ArmCall call)
    {
        var body = call.Request.Content;
        if (cloud.Store.Find<DiskResource>(call.Request.Target.Id) is { } existing)
        {
            DiskRules.CheckChange(cloud, existing, body);
            if (body["creationData"] is { } other && other.Text("createOption") != existing.Properties.Text("creationData", "createOption"))
            {
                throw new ArmException(409, "PropertyChangeNotAllowed", "Changing property 'creationData' is not allowed.", "creationData");
            }

            return Change(call, existing, body);
        }

        var source = Copies.Source(cloud, body);
        DiskRules.CheckNew(body, source);
        var disk = new DiskResource(call.Request.Target.Id, Accepted(call.Request, Type));
        Copies.Begin(cloud, disk, source);
        disk.HoldsData = source is SnapshotResource or DiskResource { HoldsData: true };
        cloud.Store.Add(disk);
        var answer = new ArmAnswer(202, disk.Model.Copy());
        var operation = cloud.Operations.Start(OperationProtocol.Disks, disk, "create-disk", Run, _ => disk.ProvisioningState = "Failed");
        return OperationProtocol.Disks.Announce(answer, operation, call, location: true);

        async Task<JsonNode?> Run(ArmOperation running)
        {
            await cloud.DelayAsync(cloud.Options.Delays.Disk, running);
            if (source is not null)
            {
                await cloud.Options.Hardware.CopyAsync(source.Name, disk.Name);
            }

            return cloud.Under(() =>
            {
                Fill(cloud, disk, source);
                return Show(cloud, disk);
            });
        }
    }

    private ArmAnswer Patch(ArmCall call)
    {
        var disk = cloud.Store.Get<DiskResource>(call.Request);
        DiskRules.CheckChange(cloud, disk, call.Request.Content);
        return Change(call, disk, call.Request.Content);
    }

    private ArmAnswer Change(ArmCall call, DiskResource disk, JsonObject body)
    {
        DiskRules.CheckIdle(disk);
        var accepted = Accepted(call.Request, Type);
        accepted.Default("sku", disk.Model["sku"]?.DeepClone()).Default("location", disk.Location);
        accepted.Child("properties").Default("creationData", disk.Properties["creationData"]?.DeepClone());
        accepted.Child("properties").Default("diskSizeBytes", disk.Properties["diskSizeBytes"]?.DeepClone());
        accepted["id"] = disk.Id;
        var wanted = body.Copy();
        var operation = cloud.Operations.Start(OperationProtocol.Disks, disk, "change-disk", Run);
        return OperationProtocol.Disks.Announce(new ArmAnswer(202, accepted), operation, call, location: true);

        async Task<JsonNode?> Run(ArmOperation running)
        {
            await cloud.DelayAsync(cloud.Options.Delays.Disk, running);
            return cloud.Under(() =>
            {
                wanted.Remove("location");
                disk.Model.Merge(wanted);
                Size(disk);
                return Show(cloud, disk);
            });
        }
    }

    private ArmAnswer Delete(ArmCall call)
    {
        if (cloud.Store.Find<DiskResource>(call.Request.Target.Id) is not { } disk)
        {
            return new ArmAnswer(204);
        }

        if (disk.Owners.Count > 0)
        {
            throw ArmException.NotAllowed($"Disk {disk.Name} is attached to VM {disk.Owners[0]}.");
        }

        DiskRules.CheckIdle(disk);
        cloud.Monitor.Deleted(disk);
        var operation = cloud.Operations.Start(OperationProtocol.Disks, disk, "delete-disk", Run);
        return OperationProtocol.Disks.Announce(new ArmAnswer(202), operation, call, location: true);

        async Task<JsonNode?> Run(ArmOperation running)
        {
            await cloud.DelayAsync(cloud.Options.Delays.Disk, running);
            await cloud.Options.Hardware.DeleteAsync(disk.Name);
            cloud.Under(() => cloud.Store.Remove(disk));
            return null;
        }
    }

    /// <summary>What is answered while a disk or snapshot is being made: the request, and that it is being made.</summary>
    internal static JsonObject Accepted(ArmRequest request, string type)
    {
        var model = new JsonObject { ["name"] = request.Target.Name, ["id"] = request.Target.Id, ["type"] = type };
        model.Merge(request.Content);
        model.Child("properties")["provisioningState"] = "Updating";
        return model;
    }

    // What Azure fills in when a disk is made.
    private static void Fill(AzureCloud cloud, DiskResource disk, StorageResource? source)
    {
        var sku = disk.Model.Child("sku").Default("name", "Standard_LRS");
        sku["tier"] = sku.Text("name")!.Split('_')[0] is var tier && tier == "UltraSSD" ? "Ultra" : tier.StartsWith("Premium", StringComparison.Ordinal) ? "Premium" : "Standard";
        var properties = disk.Properties.Default("diskSizeGB", source?.Properties["diskSizeGB"]?.DeepClone());
        properties.Default("diskIOPSReadWrite", 500).Default("diskMBpsReadWrite", 60);
        Copies.FillCommon(cloud, disk);
        properties["diskState"] = "Unattached";
        Size(disk);
    }

    private static void Size(DiskResource disk)
    {
        disk.Properties["diskSizeBytes"] = (long)disk.SizeGB << 30;
        disk.ProvisioningState = "Succeeded";
    }

    /// <summary>The disk that a machine's entry asks to be made. It is not kept yet.</summary>
    internal static DiskResource For(AzureCloud cloud, JsonObject machine, JsonObject entry, string name)
    {
        var id = machine.Text("id")!;
        var body = new JsonObject
        {
            ["name"] = name,
            ["id"] = $"{id[..id.IndexOf("/providers/", StringComparison.OrdinalIgnoreCase)]}/providers/{Type}/{name}",
            ["type"] = Type,
            ["location"] = machine.Text("location"),
            ["sku"] = new JsonObject { ["name"] = entry.Text("managedDisk", "storageAccountType") ?? "Standard_LRS" },
            ["properties"] = new JsonObject
            {
                ["creationData"] = new JsonObject { ["createOption"] = entry.Text("createOption") },
                ["diskSizeGB"] = entry.Whole("diskSizeGB") ?? 32,
            },
        };
        body.Default("zones", machine["zones"]?.DeepClone());
        var disk = new DiskResource(body.Text("id")!, body);
        Fill(cloud, disk, null);
        return disk;
    }

    /// <summary>Makes a machine's own disk.</summary>
    internal static void MakeOs(AzureCloud cloud, MachineResource machine)
    {
        var entry = machine.Properties["storageProfile"]!["osDisk"]!.AsObject();
        entry.Default("name", $"{machine.Name}_OsDisk_1");
        if (cloud.Store.Find<DiskResource>(entry.Text("managedDisk", "id")) is not { } disk)
        {
            disk = For(cloud, machine.Model, entry, entry.Text("name")!);
            disk.Properties["osType"] = entry.Text("osType");
            cloud.Store.Add(disk);
        }

        disk.Owners.Add(machine.Id);
        disk.TellOwners(machine.Running);
        entry.Child("managedDisk")["id"] = disk.Id;
    }

    /// <summary>Frees a machine's disks at its end, and deletes those that its model says to delete.</summary>
    /// <returns>The deleted ones.</returns>
    internal static IReadOnlyList<DiskResource> LeaveMachine(AzureCloud cloud, MachineResource machine)
    {
        var entries = machine.DataDisks.OfType<JsonObject>().Append(machine.Properties["storageProfile"]!["osDisk"]!.AsObject());
        var doomed = entries.Where(entry => entry.Text("deleteOption") == "Delete").Select(entry => cloud.Store.Find<DiskResource>(entry.Text("managedDisk", "id"))).OfType<DiskResource>().ToList();
        foreach (var disk in cloud.Store.Of<DiskResource>())
        {
            if (disk.Owners.RemoveAll(owner => machine.Is(owner)) > 0)
            {
                disk.TellOwners(running: false);
            }
        }

        foreach (var disk in doomed)
        {
            cloud.Monitor.Deleted(disk);
            cloud.Store.Remove(disk);
        }

        return doomed;
    }
}
