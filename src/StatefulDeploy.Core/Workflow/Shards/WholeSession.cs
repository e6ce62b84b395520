using StatefulDeploy.Contracts;
using StatefulDeploy.Guard;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow.Shards;

/// <summary>
/// What a process holds while it leads the upgrade of a whole service: its lease, its journal, and the keeper that leads on if we die. There is no
/// guard: what may be closed belongs to a shard, and is guarded there.
/// </summary>
internal sealed class WholeSession : IAsyncDisposable
{
    private readonly object _gate = new();
    private readonly ServiceLease _lease;
    private readonly StopWish _stop;
    private readonly JournalFile _journal;
    private readonly TimeProvider _clock;
    private readonly long _epoch;

    private WholeSession(ServiceLease lease, StopWish stop, JournalFile journal, UpgradeState state, long epoch, TimeProvider clock)
    {
        _lease = lease;
        _stop = stop;
        _journal = journal;
        _epoch = epoch;
        _clock = clock;
        State = state;
    }

    /// <summary>The upgrade as its journal tells it, with what was recorded since.</summary>
    internal UpgradeState State { get; }

    /// <summary>Signalled when somebody asked the upgrade to stop; it is heard between two shards.</summary>
    internal CancellationToken StopRequested => _stop.Token;

    /// <summary>Signalled when somebody else leads on: nothing may be done any more.</summary>
    internal CancellationToken Lost => _lease.Lost;

    /// <summary>Takes the lease. Lines of a process that lost it count no more from now on.</summary>
    /// <exception cref="UpgradeException">Somebody alive holds it.</exception>
    internal static async Task<WholeSession> OpenAsync(IPlatform platform, UpgradeSubject subject, string role, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (store, id) = (subject.Store, subject.State!.UpgradeId);
        var lease = ServiceLease.Acquire(store.Folder, subject.Service.Name, id, role, clock);
        var stop = new StopWish(store, id, clock);
        try
        {
            if (role != SessionPool.Keeper)
            {
                await OperatorSession.StartKeeper(platform, subject.Service, new KeeperOptions(subject.Service.Path, store.Folder, id), cancellationToken);
            }

            IReadOnlyList<JournalEntry> entries = subject.Beginning is null ? store.Read(id) : [];
            var epoch = entries.Select(entry => entry.Epoch).DefaultIfEmpty(0).Max() + 1;
            var session = new WholeSession(lease, stop, store.Open(id), UpgradeState.Of(id, entries), epoch, clock);
            if (subject.Beginning is { } beginning)
            {
                session.Record(beginning);
            }

            return session;
        }
        catch
        {
            await stop.DisposeAsync();
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Writes a line to disk.</summary>
    internal void Record(JournalEntry entry)
    {
        var stamped = entry with { Time = _clock.GetUtcNow(), Epoch = _epoch };
        lock (_gate)
        {
            _journal.Append(stamped);
            State.Apply(stamped);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.DisposeAsync();
        _journal.Dispose();
        _lease.Dispose();
    }
}
