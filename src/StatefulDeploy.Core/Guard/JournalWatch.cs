using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Guard;

/// <summary>The keeper's look at the journal and its lease, not more often than their store allows.</summary>
internal sealed class JournalWatch(IJournalStore journals, string upgradeId, TimeProvider clock)
{
    private KeeperSight _seen;
    private long? _lookedAt;

    /// <summary>Looks. While the store cannot be reached nobody is taken over from: nobody can be told to be dead.</summary>
    public async Task<KeeperSight> LookAsync(CancellationToken cancellationToken)
    {
        if (_lookedAt is { } last && clock.GetElapsedTime(last) < journals.Pace)
            return _seen;

        try
        {
            _seen = new KeeperSight(await IsUnfinishedAsync(cancellationToken), await journals.FindHolderAsync(cancellationToken) is not null);
        }
        catch (UpgradeException unreachable) when (unreachable.Category is FailureCategory.Unreachable or FailureCategory.AccessDenied)
        {
            _seen = _seen with { OwnerAlive = true };
        }

        _lookedAt = clock.GetTimestamp();
        return _seen;
    }

    private async Task<bool> IsUnfinishedAsync(CancellationToken cancellationToken) =>
        await journals.FindAsync(upgradeId, cancellationToken) is { } entries && UpgradeState.Of(upgradeId, entries) is { Goal: not null, Ended: false };
}
