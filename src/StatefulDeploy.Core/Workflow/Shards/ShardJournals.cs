using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow.Shards;

/// <summary>
/// The journals of the shards of an upgrade: each says itself which whole it is part of, so that nobody has to write down what has become of it.
/// </summary>
internal static class ShardJournals
{
    /// <summary>The journals of a shard.</summary>
    internal static JournalStore StoreOf(JournalStore whole, string shard) => new(ServicePart.FolderOf(whole.Folder, shard));

    /// <summary>The newest upgrade of a shard that is part of that of a whole service; null when none was begun.</summary>
    internal static UpgradeState? Find(JournalStore whole, string shard, string upgradeId)
    {
        var store = StoreOf(whole, shard);
        return store.List().Select(id => UpgradeState.Of(id, store.Read(id))).FirstOrDefault(state => state.Fact(FactName.PartOf) == upgradeId);
    }

    /// <summary>An upgrade of a shard that has not ended and is part of another whole, or of none; null when there is none.</summary>
    internal static string? FindStranger(JournalStore whole, string shard, string? upgradeId)
    {
        var store = StoreOf(whole, shard);
        return store.List().Select(id => UpgradeState.Of(id, store.Read(id))).FirstOrDefault(state => !state.Ended && (upgradeId is null || state.Fact(FactName.PartOf) != upgradeId))?.UpgradeId;
    }

    /// <summary>How far each shard has come; nothing for an upgrade that does not go shard by shard.</summary>
    internal static IReadOnlyList<ShardStatus> Read(JournalStore store, UpgradeState whole, TimeProvider clock) =>
        whole.Fact(FactName.Strategy) == nameof(UpgradeStrategy.ShardByShard) && whole.Fact<ClusterLayout>(FactName.Blue) is { } blue
            ? [.. blue.Shards.Select(shard => Read(store, whole, shard.Name, clock))]
            : [];

    /// <summary>The step of the shard that is under way, or was last; empty when none was begun.</summary>
    internal static string StepOf(IReadOnlyList<ShardStatus> shards)
    {
        var shard = shards.FirstOrDefault(shard => shard.Status is UpgradeStatus.Running or UpgradeStatus.Failed) ?? shards.LastOrDefault(shard => shard.Step.Length > 0);
        return shard is null ? string.Empty : $"{shard.Shard}: {shard.Step}";
    }

    private static ShardStatus Read(JournalStore store, UpgradeState whole, string shard, TimeProvider clock)
    {
        var found = Find(store, shard, whole.UpgradeId);
        var summary = found is null ? null : UpgradeList.Summarize(StoreOf(store, shard), found.UpgradeId, clock);
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
