using System.Globalization;
using System.Text.Json.Nodes;
using Azure.Core;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Machines;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Disks;

/// <summary>Incremental snapshots of disks. Each carries our tags, and is waited for where Azure fills it in the background.</summary>
internal sealed class DiskSnapshots(AzureService azure)
{
    // learn.microsoft.com/azure/virtual-machines/disks-incremental-snapshots has both bounds.
    private const int MostInFiveMinutes = 7;
    private const int MostOfADisk = 500;
    private static readonly TimeSpan FiveMinutes = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan HydrationPatience = TimeSpan.FromHours(24);

    /// <summary>Takes an incremental snapshot.</summary>
    /// <returns>Its id.</returns>
    /// <exception cref="UpgradeException">The disk is missing, has had too many, or Azure fails.</exception>
    public async Task<ResourceId> TakeAsync(ResourceId disk, string purpose, CancellationToken cancellationToken)
    {
        var source = await azure.Client.GetAsync(disk, cancellationToken);
        await RequireRoomAsync(disk, cancellationToken);
        var name = ResourceTags.Shorten(disk.Name, 60) + azure.Clock.GetUtcNow().ToString("-yyyyMMdd-HHmmssfff", CultureInfo.InvariantCulture);
        var snapshot = disk.Sibling(ResourceTypes.Snapshot, name);
        var body = new JsonObject
        {
            ["location"] = source.Location,
            ["tags"] = ResourceTags.Of(azure.Service.Name, null, purpose),
            ["sku"] = new JsonObject { ["name"] = new DiskSight(source).IsInAllZones ? "Standard_ZRS" : "Standard_LRS" },
            ["properties"] = new JsonObject
            {
                ["incremental"] = true,
                ["creationData"] = new JsonObject { ["createOption"] = "Copy", ["sourceResourceId"] = disk.ToString() },
            },
        };
        await azure.Operations.RunAsync(azure.Client.Request(RequestMethod.Put, snapshot) with { Body = body }, $"snapshot of {disk.Name}", azure.Pace.OperationPatience, cancellationToken);
        await WaitUntilCompleteAsync(snapshot, cancellationToken);
        azure.Tell($"Snapshot '{name}' of the disk '{disk.Name}' is taken.", ReportLevel.Information);
        return snapshot;
    }

    /// <summary>Makes a disk of a snapshot, in the zone and of the kind of storage of the disk that it was taken of. A disk of that name that carries our tags and has the same source is the one of an earlier attempt.</summary>
    /// <returns>Its id, when its content has come.</returns>
    /// <exception cref="UpgradeException">Something else has that name, or Azure fails.</exception>
    public async Task<ResourceId> CopyAsync(ResourceId snapshot, ResourceId like, string name, string purpose, CancellationToken cancellationToken)
    {
        var (model, copy) = (await azure.Client.GetAsync(like, cancellationToken), like.Sibling(ResourceTypes.Disk, name));
        if (await azure.Client.FindAsync(copy, cancellationToken) is { } there)
        {
            RequireOurs(there, snapshot);
        }
        else
        {
            var request = azure.Client.Request(RequestMethod.Put, copy) with { Body = BodyOf(model, snapshot, purpose) };
            await azure.Operations.RunAsync(request, $"copy of {like.Name}", azure.Pace.OperationPatience, cancellationToken);
        }

        await WaitUntilCompleteAsync(copy, cancellationToken);
        return copy;
    }

    private JsonObject BodyOf(ArmResource model, ResourceId snapshot, string purpose)
    {
        var properties = new JsonObject { ["creationData"] = new JsonObject { ["createOption"] = "Copy", ["sourceResourceId"] = snapshot.ToString() } };
        string[] kept = ["diskIOPSReadWrite", "diskMBpsReadWrite", "tier", "encryption", "networkAccessPolicy", "publicNetworkAccess"];
        var tunable = new DiskSight(model) is { IsUltra: true } or { IsPremiumV2: true };
        foreach (var key in kept.Where(key => model.Properties[key] is not null && (tunable || !key.StartsWith("disk", StringComparison.Ordinal))))
            properties[key] = model.Properties[key]!.DeepClone();

        var body = new JsonObject
        {
            ["location"] = model.Location,
            ["tags"] = ResourceTags.Of(azure.Service.Name, null, purpose),
            ["sku"] = new JsonObject { ["name"] = new DiskSight(model).Sku },
            ["properties"] = properties,
        };
        if (model.Body["zones"] is { } zones)
            body["zones"] = zones.DeepClone();
        return body;
    }

    private async Task WaitUntilCompleteAsync(ResourceId resource, CancellationToken cancellationToken)
    {
        for (var since = azure.Clock.GetTimestamp(); ; await Task.Delay(azure.Pace.LongestPoll, azure.Clock, cancellationToken))
        {
            var found = await azure.Client.GetAsync(resource, cancellationToken);
            if (found.Properties.Number("completionPercent") is not { } percent || percent >= 100)
                return;
            if (found.Properties.Text("copyCompletionError", "errorMessage") is { } failure)
                throw ArmFailures.Explain(new ArmError(found.Properties.Text("copyCompletionError", "errorCode") ?? "CopyFailed", failure), 409, resource.ToString());
            if (azure.Clock.GetElapsedTime(since) > HydrationPatience)
                throw new UpgradeException("AzureOperationPending", $"The content of '{resource.Name}' has come to {percent:0} % within {Quantity.Text(HydrationPatience)}. It goes on at Azure.", "Do the same again: it is found and waited for.", FailureCategory.Timeout) { Target = resource.ToString() };
            azure.Tell($"The content of '{resource.Name}' has come to {percent:0} %.");
        }
    }

    private async Task RequireRoomAsync(ResourceId disk, CancellationToken cancellationToken)
    {
        var path = $"/subscriptions/{disk.Subscription}/resourceGroups/{disk.Group}/providers/{ResourceTypes.Snapshot}";
        var taken = (await azure.Client.ListAsync(path, ResourceTypes.Snapshot, cancellationToken))
            .Where(body => disk.Equals(ResourceId.TryParse(body.Text("properties", "creationData", "sourceResourceId")))).ToList();
        var recent = taken.Count(body => DateTimeOffset.TryParse(body.Text("properties", "timeCreated"), CultureInfo.InvariantCulture, out var at) && azure.Clock.GetUtcNow() - at < FiveMinutes);
        if (recent >= MostInFiveMinutes)
            throw Full(disk, $"{recent} incremental snapshots were taken of it within 5 minutes, and Azure takes {MostInFiveMinutes}", "Wait some minutes, then do it again.");
        if (taken.Count >= MostOfADisk)
            throw Full(disk, $"it has {taken.Count} incremental snapshots, and Azure keeps {MostOfADisk}", "Remove older ones, then do it again.");
    }

    private void RequireOurs(ArmResource disk, ResourceId snapshot)
    {
        if (!ResourceTags.AreOf(azure.Service.Name, disk.Tags) || !snapshot.Equals(ResourceId.TryParse(disk.Properties.Text("creationData", "sourceResourceId"))))
            throw new UpgradeException("NameTaken", $"There is a disk '{disk.Id.Name}' already, and it is no copy that we made of '{snapshot.Name}'.", "Choose another name, or remove that disk if nobody needs it.", FailureCategory.Refused) { Target = disk.Id.ToString() };
    }

    private static UpgradeException Full(ResourceId disk, string what, string remedy) =>
        new("TooManySnapshots", $"No further snapshot can be taken of the disk '{disk.Name}': {what}.", remedy, FailureCategory.Capacity) { Target = disk.ToString() };
}
