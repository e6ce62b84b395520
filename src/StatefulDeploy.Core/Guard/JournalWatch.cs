using StatefulDeploy.Journal;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Guard;

/// <summary>The keeper's look at the journal and its lease.</summary>
internal sealed class JournalWatch(KeeperOptions options, TimeProvider clock) : IKeeperWatch
{
    private readonly JournalStore _store = new(options.StateDirectory);

    /// <inheritdoc/>
    public bool HasUnfinishedGoal() =>
        File.Exists(_store.PathOf(options.UpgradeId)) && UpgradeState.Of(options.UpgradeId, _store.Read(options.UpgradeId)) is { Goal: not null, Ended: false };

    /// <inheritdoc/>
    public bool IsOwnerAlive() => ServiceLease.Read(_store.Folder) is { } holder && ServiceLease.IsAlive(holder, clock);
}
