using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;
using StatefulDeploy.Workflow.Shards;

namespace StatefulDeploy.Workflow;

/// <summary>Upgrades as their journals tell them.</summary>
internal static class UpgradeList
{
    internal static IReadOnlyList<UpgradeSummary> Read(IPlatform platform, UpgradeRequest request, TimeProvider clock)
    {
        IEnumerable<UpgradeSummary> summaries = StoresOf(platform, request)
            .SelectMany(store => store.List().Where(id => request.UpgradeId is null || id == request.UpgradeId).Select(id => Summarize(store, id, clock)));
        return [.. summaries.OrderByDescending(summary => summary.StartedAt)];
    }

    /// <summary>The journals that a request is about: of the folder or the service that it names, else all that are in the default place.</summary>
    internal static IReadOnlyList<JournalStore> StoresOf(IPlatform platform, UpgradeRequest request)
    {
        var named = request.StateDirectory ?? (request.Path is { } path ? platform.ReadService(path).StateDirectory : null);
        return [.. (named is null ? platform.FindStateFolders() : [named]).Select(folder => new JournalStore(folder))];
    }

    internal static UpgradeSummary Summarize(JournalStore store, string upgradeId, TimeProvider clock)
    {
        var state = UpgradeState.Of(upgradeId, store.Read(upgradeId));
        var shards = ShardJournals.Read(store, state, clock);
        return new UpgradeSummary
        {
            UpgradeId = upgradeId,
            Service = state.Fact(FactName.Service) ?? string.Empty,
            Path = state.Fact(FactName.Path) ?? string.Empty,
            Engine = state.Fact(FactName.Engine) ?? string.Empty,
            Version = state.Fact(FactName.Version) ?? string.Empty,
            TargetVersion = state.Fact(FactName.TargetVersion) ?? string.Empty,
            State = state.State,
            Step = state.LastStep?.ToString() ?? ShardJournals.StepOf(shards),
            Status = StatusOf(store, state, clock),
            StartedAt = state.StartedAt,
            UpdatedAt = state.UpdatedAt,
            ClosedFor = state.ClosedFor ?? shards.Max(shard => shard.ClosedFor),
            Message = state.Failure,
            Shards = shards,
            Journal = store.PathOf(upgradeId),
            Report = state.Fact(FactName.Report) ?? string.Empty,
        };
    }

    private static UpgradeStatus StatusOf(JournalStore store, UpgradeState state, TimeProvider clock)
    {
        if (state.Undone)
        {
            return UpgradeStatus.Undone;
        }

        if (state.State == ClusterState.Retired)
        {
            return UpgradeStatus.Completed;
        }

        if (ServiceLease.Read(store.Folder) is { } holder && holder.UpgradeId == state.UpgradeId && ServiceLease.IsAlive(holder, clock))
        {
            return UpgradeStatus.Running;
        }

        return state.Failure.Length > 0 ? UpgradeStatus.Failed : UpgradeStatus.Stopped;
    }
}
