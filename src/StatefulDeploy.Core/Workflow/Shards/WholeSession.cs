using StatefulDeploy.Contracts;
using StatefulDeploy.Guard;
using StatefulDeploy.Journal;

namespace StatefulDeploy.Workflow.Shards;

/// <summary>
/// What a process holds while it leads the upgrade of a whole service: its lease, its journal, and the keeper that leads on if we die. There is no
/// guard: what may be closed belongs to a shard, and is guarded there.
/// </summary>
internal sealed class WholeSession : IAsyncDisposable
{
    private readonly object _gate = new();
    private readonly IServiceLease _lease;
    private readonly StopWish _stop;
    private readonly IJournal _journal;
    private readonly TimeProvider _clock;
    private readonly long _epoch;

    private WholeSession(IServiceLease lease, StopWish stop, IJournal journal, UpgradeState state, long epoch, TimeProvider clock)
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
        var lease = await store.AcquireAsync(subject.Service.Name, id, role, cancellationToken);
        StopWish? stop = null;
        try
        {
            stop = await StopWish.ListenAsync(store, id, clock, cancellationToken);
            if (role != SessionPool.Keeper)
            {
                await OperatorSession.StartKeeper(platform, subject.Service, new KeeperOptions(subject.Service.Path, store.Location, id), cancellationToken);
            }

            IReadOnlyList<JournalEntry> entries = subject.Beginning is null ? await store.ReadAsync(id, cancellationToken) : [];
            var epoch = entries.Select(entry => entry.Epoch).DefaultIfEmpty(0).Max() + 1;
            var session = new WholeSession(lease, stop, await lease.OpenAsync(id, cancellationToken), UpgradeState.Of(id, entries), epoch, clock);
            if (subject.Beginning is { } beginning)
            {
                session.Record(beginning);
            }

            return session;
        }
        catch
        {
            await (stop?.DisposeAsync() ?? ValueTask.CompletedTask);
            await lease.DisposeAsync();
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

    /// <summary>Waits until every machine that shares the journal can read what was recorded.</summary>
    internal Task SharedAsync(CancellationToken cancellationToken) => _journal.SharedAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.DisposeAsync();
        // What was done was done, and its lines are on this disk: whatever is begun next shares them before it acts.
        await SharedAsync(CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _journal.DisposeAsync();
        await _lease.DisposeAsync();
    }
}
