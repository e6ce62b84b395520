using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;
using StatefulDeploy.Workflow.Shards;

namespace StatefulDeploy.Workflow;

/// <summary>Upgrades as their journals tell them.</summary>
internal static class UpgradeList
{
    internal static async Task<IReadOnlyList<UpgradeSummary>> ReadAsync(IPlatform platform, UpgradeRequest request, TimeProvider clock, CancellationToken cancellationToken)
    {
        var summaries = new List<UpgradeSummary>();
        foreach (var store in StoresOf(platform, request, clock))
        {
            foreach (var id in (await store.ListAsync(cancellationToken)).Where(id => request.UpgradeId is null || id == request.UpgradeId))
            {
                summaries.Add(await SummarizeAsync(store, id, cancellationToken));
            }
        }

        return [.. summaries.OrderByDescending(summary => summary.StartedAt)];
    }

    /// <summary>The journals that a request is about: of the place or the service that it names, else all that are in the default place.</summary>
    internal static IReadOnlyList<IJournalStore> StoresOf(IPlatform platform, UpgradeRequest request, TimeProvider clock)
    {
        var service = request.Path is { } path ? platform.ReadService(path) : null;
        return service is null && request.StateDirectory is null
            ? [.. platform.FindStateFolders().Select(folder => new JournalFolder(folder, clock))]
            : [platform.OpenJournals(service, request.StateDirectory, clock)];
    }

    internal static async Task<UpgradeSummary> SummarizeAsync(IJournalStore store, string upgradeId, CancellationToken cancellationToken)
    {
        var state = UpgradeState.Of(upgradeId, await store.ReadAsync(upgradeId, cancellationToken));
        var shards = await ShardJournals.ReadAsync(store, state, cancellationToken);
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
            Status = await StatusOfAsync(store, state, cancellationToken),
            StartedAt = state.StartedAt,
            UpdatedAt = state.UpdatedAt,
            ClosedFor = state.ClosedFor ?? shards.Max(shard => shard.ClosedFor),
            Message = state.Failure,
            Shards = shards,
            Journal = store.LocationOf(upgradeId),
            Report = state.Fact(FactName.Report) ?? string.Empty,
        };
    }

    private static async Task<UpgradeStatus> StatusOfAsync(IJournalStore store, UpgradeState state, CancellationToken cancellationToken)
    {
        if (state.Undone)
        {
            return UpgradeStatus.Undone;
        }

        if (state.State == ClusterState.Retired)
        {
            return UpgradeStatus.Completed;
        }

        if (await store.FindHolderAsync(cancellationToken) is { } holder && holder.UpgradeId == state.UpgradeId)
        {
            return UpgradeStatus.Running;
        }

        return state.Failure.Length > 0 ? UpgradeStatus.Failed : UpgradeStatus.Stopped;
    }
}
