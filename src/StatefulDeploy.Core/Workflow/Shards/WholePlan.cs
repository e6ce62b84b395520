using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow.Shards;

/// <summary>The plan of a whole service out of those of its shards: what is there twice at the peak, and what each shard's clients see.</summary>
internal static class WholePlan
{
    internal static UpgradePlan Of(ServiceDescription service, IReadOnlyList<UpgradePlan> shards, IReadOnlyList<Finding> findings, UpgradeRequest request)
    {
        var first = shards[0];
        var most = Math.Min(service.Limits.ShardsAtOnce, shards.Count);
        // Whoever stops before the retirement keeps blue of every shard until then.
        var atPeak = request.Until is null ? most : shards.Count;
        return new UpgradePlan
        {
            Service = service.Name,
            Path = service.Path,
            Engine = first.Engine,
            Version = service.Blue.Version,
            TargetVersion = first.TargetVersion,
            Strategy = UpgradeStrategy.ShardByShard,
            Shards = shards,
            ShardsAtOnce = most,
            Findings = [.. shards.SelectMany(shard => shard.Findings).Concat(findings).Distinct()],
            Green = first.Green with { Shards = [.. shards.SelectMany(shard => shard.Green.Shards)] },
            DataBytes = shards.Sum(shard => shard.DataBytes),
            ExtraNodes = shards.Select(shard => shard.ExtraNodes).OrderDescending().Take(atPeak).Sum(),
            ExtraBytes = shards.Select(shard => shard.ExtraBytes).OrderDescending().Take(atPeak).Sum(),
            ExtraMachines = shards.Select(shard => shard.ExtraMachines).OrderDescending().Take(atPeak).Sum(),
            Volumes = [.. shards.SelectMany(shard => shard.Volumes)],
            ExpectedGap = shards.Max(shard => shard.ExpectedGap),
            Router = first.Router,
            WayBack = (shards.FirstOrDefault(shard => !shard.WayBack.Exists) ?? first).WayBack,
        };
    }

    /// <summary>What the operator should know of one shard after the other.</summary>
    internal static Finding Retiring(ServiceDescription service, UpgradeRequest request) => request.Until is null
        ? Finding.Inform("RetiredOneByOne", service.Name, "Blue of each shard is retired before the next shard begins, and there is no way back for it then. To keep a way back for all of them, end with the switch (--through switch) and retire blue later, at the price of the capacity of all shards.")
        : Finding.Inform("BlueIsKept", service.Name, "Blue of every shard is kept until the upgrade is run to its end: the extra capacity grows with each shard.");
}
