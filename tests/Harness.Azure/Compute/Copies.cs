using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Compute;

/// <summary>Disks and snapshots that are made of others, and fill in the background.</summary>
internal static class Copies
{
    /// <summary>What a request copies; null when nothing.</summary>
    public static StorageResource? Source(AzureCloud cloud, JsonObject body)
    {
        if (body.Text("properties", "creationData", "createOption") is not ("Copy" or "CopyStart"))
        {
            return null;
        }

        var id = body.Text("properties", "creationData", "sourceResourceId") ?? throw ArmException.InvalidParameter("creationData.sourceResourceId", "Required parameter 'creationData.sourceResourceId' is missing (null).");
        var source = cloud.Store.Find<StorageResource>(id) ?? throw new ArmException(404, "NotFound", $"The source '{id}' is not found.");
        Progress(cloud, source);
        return source.Hydrating ? throw ArmException.NotAllowed($"The source '{source.Name}' is being filled ({source.Properties.Whole("completionPercent")} percent) and cannot be copied yet.") : source;
    }

    public static void Begin(AzureCloud cloud, StorageResource copy, StorageResource? source)
    {
        if (source is not null)
        {
            copy.Source = source.UniqueId;
            copy.CopyBegan = cloud.Now;
            copy.Hydrating = cloud.Options.Delays.Hydration > TimeSpan.Zero;
        }
    }

    /// <summary>Tells how far the copy is.</summary>
    public static void Progress(AzureCloud cloud, StorageResource storage)
    {
        if (storage.CopyBegan is not { } began || cloud.Options.Delays.Hydration == TimeSpan.Zero)
        {
            return;
        }

        var percent = Math.Min(100, Math.Floor((cloud.Now - began) / cloud.Options.Delays.Hydration * 100));
        storage.Hydrating = percent < 100;
        storage.Properties["completionPercent"] = percent;
    }

    /// <summary>What Azure fills in for disks and snapshots alike.</summary>
    public static void FillCommon(AzureCloud cloud, StorageResource storage)
    {
        storage.Properties.Default("encryption", new JsonObject { ["type"] = "EncryptionAtRestWithPlatformKey" })
            .Default("networkAccessPolicy", "AllowAll").Default("publicNetworkAccess", "Enabled").Default("timeCreated", OperationProtocol.Time(cloud.Now));
        storage.Properties["uniqueId"] = storage.UniqueId;
        if (storage.Source is { } source)
        {
            storage.Properties.Child("creationData")["sourceUniqueId"] = source;
        }
    }
}
