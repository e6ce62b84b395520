using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Redis;

/// <summary>A shard in both clusters of an act.</summary>
/// <param name="Source">The shard that is left.</param>
/// <param name="Target">The shard of the same name that is gone to.</param>
internal sealed record RedisPair(Shard Source, Shard Target)
{
    /// <summary>The shards of both clusters by name.</summary>
    /// <exception cref="UpgradeException">The clusters do not have the same shards.</exception>
    public static IReadOnlyList<RedisPair> Of(EngineContext context)
    {
        Dictionary<string, Shard> targets = context.Target.Shards.ToDictionary(shard => shard.Name, StringComparer.Ordinal);
        if (targets.Count != context.Source.Shards.Count || context.Source.Shards.Any(shard => !targets.ContainsKey(shard.Name)))
        {
            throw new UpgradeException("ShardsDiffer", "Blue and green do not have the same shards.", "Describe green with the shard names of blue, or leave its shards out.", FailureCategory.InvalidInput);
        }

        return [.. context.Source.Shards.Select(shard => new RedisPair(shard, targets[shard.Name]))];
    }
}
