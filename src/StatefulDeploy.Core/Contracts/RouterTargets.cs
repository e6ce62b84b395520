using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>Where a router sends requests: the writer of each shard.</summary>
/// <param name="ByShard">The writer's endpoint by shard name.</param>
public sealed record RouterTargets(IReadOnlyDictionary<string, NodeEndpoint> ByShard)
{
    /// <summary>The writers of a cluster.</summary>
    public static RouterTargets Of(ClusterLayout layout) =>
        new(layout.Shards.ToDictionary(shard => shard.Name, shard => shard.Primary.Endpoint, StringComparer.Ordinal));
}
