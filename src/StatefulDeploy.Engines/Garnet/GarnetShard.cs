using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>The one shard of each cluster. Garnet replicates only in cluster mode, and we carry one primary that owns all slots.</summary>
internal static class GarnetShard
{
    /// <summary>The cluster's only shard.</summary>
    /// <exception cref="UpgradeException">There are more.</exception>
    public static Shard Of(ClusterLayout layout) => layout.Shards.Count == 1
        ? layout.Shards[0]
        : throw new UpgradeException("OneShardOnly", $"{layout.Colour} has {layout.Shards.Count} shards. A Garnet service must be one shard that owns all slots.", "Upgrade each shard as a service of its own, or move all slots to one primary.", FailureCategory.Refused) { Target = layout.Colour.ToString() };
}
