using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Compute;

/// <summary>Snapshots of disks.</summary>
/// <param name="cloud">Where.</param>
internal sealed class Snapshots(AzureCloud cloud)
{
    // Microsoft publishes both limits of incremental snapshots (disks-incremental-snapshots).
    private const int InFiveMinutes = 7;
    private const int OfADisk = 500;
    private const string Type = "Microsoft.Compute/snapshots";

    public void Add(ArmRoutes routes)
    {
        routes.On("GET", $"{Type}/*", call => new ArmAnswer(200, ManagedDisks.Show(cloud, cloud.Store.Get<SnapshotResource>(call.Request))));
        routes.On("GET", Type, List);
        routes.On("PUT", $"{Type}/*", Put);
        routes.On("PATCH", $"{Type}/*", Patch);
        routes.On("DELETE", $"{Type}/*", Delete);
    }

    private ArmAnswer List(ArmCall call)
    {
        var found = cloud.Store.Of<SnapshotResource>().Where(snapshot => Pages.InScope(snapshot, call.Request)).Select(snapshot => ManagedDisks.Show(cloud, snapshot)).ToList();
        return Pages.Of(cloud, call, found).With("x-ms-original-request-ids", found.Count == 0 ? null : Guid.NewGuid().ToString());
    }

    private ArmAnswer Put(ArmCall call)
    {
        var request = call.Request;
        var source = Copies.Source(cloud, request.Content);
        var accepted = ManagedDisks.Accepted(request, Type);
        if (cloud.Store.Find<SnapshotResource>(request.Target.Id) is { } existing)
        {
            DiskRules.CheckIdle(existing);
            accepted.Default("sku", existing.Model["sku"]?.DeepClone());
            accepted.Child("properties").Default("diskSizeBytes", existing.Properties["diskSizeBytes"]?.DeepClone());
            return Start(call, existing, accepted, "change-snapshot", _ => Task.CompletedTask, request.Content["tags"]);
        }

        var incremental = request.Body.Flag("properties", "incremental");
        CheckLimits(source, incremental);
        var snapshot = new SnapshotResource(request.Target.Id, accepted.Copy());
        Copies.Begin(cloud, snapshot, source);
        // A full snapshot is there at once; an incremental one fills in the background.
        snapshot.Hydrating &= incremental;
        snapshot.CopyBegan = snapshot.Hydrating ? snapshot.CopyBegan : null;
        cloud.Store.Add(snapshot);
        return Start(call, snapshot, accepted, "create-snapshot", async _ =>
        {
            if (source is not null)
            {
                await cloud.Options.Hardware.CopyAsync(source.Name, snapshot.Name);
            }

            cloud.Under(() => Fill(snapshot, source, incremental));
        });
    }

    private ArmAnswer Patch(ArmCall call)
    {
        var snapshot = cloud.Store.Get<SnapshotResource>(call.Request);
        DiskRules.CheckIdle(snapshot);
        var accepted = ManagedDisks.Accepted(call.Request, Type);
        accepted.Default("location", snapshot.Location).Child("properties").Default("creationData", snapshot.Properties["creationData"]?.DeepClone());
        return Start(call, snapshot, accepted, "change-snapshot", _ => Task.CompletedTask, call.Request.Content["tags"]);
    }

    private ArmAnswer Start(ArmCall call, SnapshotResource snapshot, JsonObject accepted, string action, Func<ArmOperation, Task> act, JsonNode? tags = null)
    {
        var labels = tags?.DeepClone();
        var operation = cloud.Operations.Start(OperationProtocol.Disks, snapshot, action, Run, _ => snapshot.ProvisioningState = "Failed");
        return OperationProtocol.Disks.Announce(new ArmAnswer(202, accepted), operation, call, location: true);

        async Task<JsonNode?> Run(ArmOperation running)
        {
            await cloud.DelayAsync(cloud.Options.Delays.Disk, running);
            await act(running);
            return cloud.Under(() =>
            {
                if (labels is not null)
                {
                    snapshot.Model["tags"] = labels;
                }

                return ManagedDisks.Show(cloud, snapshot);
            });
        }
    }

    private void CheckLimits(StorageResource? source, bool incremental)
    {
        if (!incremental || source is null)
        {
            return;
        }

        var others = cloud.Store.Of<SnapshotResource>().Where(snapshot => snapshot.Source == source.UniqueId && snapshot.Properties.Flag("incremental")).ToList();
        var recent = others.Count(snapshot => snapshot.Properties.Text("timeCreated") is not { } made || cloud.Now - DateTimeOffset.Parse(made, null) < TimeSpan.FromMinutes(5));
        if (recent >= InFiveMinutes)
        {
            throw ArmException.NotAllowed($"More than {InFiveMinutes} incremental snapshots of the disk '{source.Name}' were made within 5 minutes. Please try again later.");
        }

        if (others.Count >= OfADisk)
        {
            throw ArmException.NotAllowed($"The disk '{source.Name}' has {OfADisk} incremental snapshots, the most that it can have.");
        }
    }

    private void Fill(SnapshotResource snapshot, StorageResource? source, bool incremental)
    {
        snapshot.Model.Child("sku").Default("name", "Standard_LRS").Default("tier", "Standard");
        snapshot.Properties.Default("diskSizeGB", source?.Properties["diskSizeGB"]?.DeepClone());
        Copies.FillCommon(cloud, snapshot);
        snapshot.Properties["incremental"] = incremental;
        if (incremental)
        {
            snapshot.Properties.Default("incrementalSnapshotFamilyId", source?.UniqueId).Default("completionPercent", 100);
        }

        snapshot.Properties["diskState"] = "Unattached";
        snapshot.Properties.Default("diskSizeBytes", source?.Properties["diskSizeBytes"]?.DeepClone());
        snapshot.Properties["snapshotAccessState"] = "Available";
        snapshot.ProvisioningState = "Succeeded";
    }

    private ArmAnswer Delete(ArmCall call)
    {
        if (cloud.Store.Find<SnapshotResource>(call.Request.Target.Id) is not { } snapshot)
        {
            return new ArmAnswer(204);
        }

        DiskRules.CheckIdle(snapshot);
        cloud.Monitor.Deleted(snapshot);
        var operation = cloud.Operations.Start(OperationProtocol.Disks, snapshot, "delete-snapshot", Run);
        return OperationProtocol.Disks.Announce(new ArmAnswer(202), operation, call, location: true);

        async Task<JsonNode?> Run(ArmOperation running)
        {
            await cloud.DelayAsync(cloud.Options.Delays.Disk, running);
            await cloud.Options.Hardware.DeleteAsync(snapshot.Name);
            cloud.Under(() => cloud.Store.Remove(snapshot));
            return null;
        }
    }
}
