using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow.Shards;

/// <summary>
/// The journals of the shards of an upgrade: each says itself which whole it is part of, so that nobody has to write down what has become of it.
/// </summary>
internal static class ShardJournals
{
    /// <summary>The newest upgrade of a shard that is part of that of a whole service; null when none was begun.</summary>
    internal static Task<UpgradeState?> FindAsync(IJournalStore whole, string shard, string upgradeId, CancellationToken cancellationToken) =>
        FirstAsync(whole.OfPart(shard), state => state.Fact(FactName.PartOf) == upgradeId, cancellationToken);

    /// <summary>An upgrade of a shard that has not ended and is part of another whole, or of none; null when there is none.</summary>
    internal static async Task<string?> FindStrangerAsync(IJournalStore whole, string shard, string? upgradeId, CancellationToken cancellationToken) =>
        (await FirstAsync(whole.OfPart(shard), state => !state.Ended && (upgradeId is null || state.Fact(FactName.PartOf) != upgradeId), cancellationToken))?.UpgradeId;

    /// <summary>How far each shard has come; nothing for an upgrade that does not go shard by shard.</summary>
    internal static async Task<IReadOnlyList<ShardStatus>> ReadAsync(IJournalStore store, UpgradeState whole, CancellationToken cancellationToken)
    {
        var read = new List<ShardStatus>();
        if (whole.Fact(FactName.Strategy) == nameof(UpgradeStrategy.ShardByShard) && whole.Fact<ClusterLayout>(FactName.Blue) is { } blue)
        {
            foreach (var shard in blue.Shards)
            {
                read.Add(await ReadAsync(store, whole, shard.Name, cancellationToken));
            }
        }

        return read;
    }

    /// <summary>The step of the shard that is under way, or was last; empty when none was begun.</summary>
    internal static string StepOf(IReadOnlyList<ShardStatus> shards)
    {
        var shard = shards.FirstOrDefault(shard => shard.Status is UpgradeStatus.Running or UpgradeStatus.Failed) ?? shards.LastOrDefault(shard => shard.Step.Length > 0);
        return shard is null ? string.Empty : $"{shard.Shard}: {shard.Step}";
    }

    private static async Task<UpgradeState?> FirstAsync(IJournalStore store, Func<UpgradeState, bool> isMeant, CancellationToken cancellationToken)
    {
        foreach (var id in await store.ListAsync(cancellationToken))
        {
            var state = UpgradeState.Of(id, await store.ReadAsync(id, cancellationToken));
            if (isMeant(state))
            {
                return state;
            }
        }

        return null;
    }

    private static async Task<ShardStatus> ReadAsync(IJournalStore store, UpgradeState whole, string shard, CancellationToken cancellationToken)
    {
        var found = await FindAsync(store, shard, whole.UpgradeId, cancellationToken);
        var summary = found is null ? null : await UpgradeList.SummarizeAsync(store.OfPart(shard), found.UpgradeId, cancellationToken);
        var live = found?.Live ?? ClusterColour.Blue;
        return new ShardStatus
        {
            Shard = shard,
            Service = $"{whole.Fact(FactName.Service)}-{shard}",
            Path = ServicePart.PathOf(whole.Fact(FactName.Path) ?? string.Empty, shard),
            Version = (live == ClusterColour.Green ? whole.Fact(FactName.TargetVersion) : whole.Fact(FactName.Version)) ?? string.Empty,
            Live = live,
            State = summary?.State ?? ClusterState.Serving,
            Step = summary?.Step ?? string.Empty,
            Status = summary?.Status,
            UpgradeId = summary?.UpgradeId,
            ClosedFor = summary?.ClosedFor,
            Message = summary?.Message ?? string.Empty,
        };
    }
}
