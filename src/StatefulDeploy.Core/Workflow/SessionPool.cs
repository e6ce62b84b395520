using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;

namespace StatefulDeploy.Workflow;

/// <summary>The sessions that this process holds, one a service, kept between the cmdlets of a pipeline.</summary>
internal sealed class SessionPool(IPlatform platform, string role, TimeProvider clock) : IAsyncDisposable
{
    internal const string Operator = "operator";
    internal const string Keeper = "keeper";
    private static readonly TimeSpan KeeperPatience = TimeSpan.FromMinutes(5);
    private const int MostTries = 3;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private readonly Dictionary<string, OperatorSession> _sessions = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>The session of a service: the one we hold, or a new one.</summary>
    internal async Task<OperatorSession> OpenAsync(UpgradeSubject subject, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var name = subject.Service.Name;
            var upgrade = subject.State!.UpgradeId;
            if (_sessions.TryGetValue(name, out var held))
            {
                if (held.UpgradeId == upgrade && !held.Lease.Lost.IsCancellationRequested)
                {
                    held.ForgetStop();
                    return held;
                }

                _sessions.Remove(name);
                await held.DisposeAsync();
            }

            return _sessions[name] = await OperatorSession.OpenAsync(platform, subject.Service, subject.Store, upgrade, role, clock, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>When the keeper is at work on this upgrade, waits until it is done: what it does is what a resume would do.</summary>
    internal Task WaitForKeeperAsync(UpgradeSubject subject, IReporter reporter, CancellationToken cancellationToken) =>
        WhileKeptAsync(subject, process => $"The keeper (process {process}) has taken the upgrade over; waiting for it.", () => { }, reporter, cancellationToken);

    /// <summary>When the keeper is at work on this upgrade, asks it to stop at the next step, and waits until it has.</summary>
    internal Task StopKeeperAsync(UpgradeSubject subject, IReporter reporter, CancellationToken cancellationToken) =>
        WhileKeptAsync(
            subject,
            process => $"The keeper (process {process}) has taken the upgrade over; it is asked to stop.",
            () => OperatorSession.AskToStop(subject.Store, subject.State!.UpgradeId),
            reporter,
            cancellationToken);

    /// <summary>Runs what begins by waiting for the keeper; once more when the keeper took the service between that look and our own grasp.</summary>
    internal async Task<T> AfterKeeperAsync<T>(JournalStore store, Func<Task<T>> act)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await act();
            }
            catch (UpgradeException busy) when (busy.ErrorId == "ServiceBusy" && tries < MostTries && FindKeeper(store) is not null)
            {
                // It is waited for at the beginning of the next round.
            }
        }
    }

    private async Task WhileKeptAsync(UpgradeSubject subject, Func<int, string> says, Action act, IReporter reporter, CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        var told = false;
        while (FindKeeper(subject.Store) is { } holder && clock.GetElapsedTime(since) < KeeperPatience)
        {
            if (!told)
            {
                reporter.Report(new ReportEvent(ReportLevel.Information, says(holder.Process.Id)));
                told = true;
            }

            // Every time: a keeper that is only beginning forgets an earlier wish.
            act();
            await Task.Delay(Poll, clock, cancellationToken);
        }
    }

    // The keeper that is at work, unless that is ourselves.
    private LeaseRecord? FindKeeper(JournalStore store) =>
        role != Keeper && ServiceLease.Read(store.Folder) is { Role: Keeper } holder && ServiceLease.IsAlive(holder, clock) ? holder : null;

    /// <summary>The upgrade has ended: leases are given back.</summary>
    internal async Task EndAsync(string service, CancellationToken cancellationToken)
    {
        if (_sessions.Remove(service, out var session))
        {
            await session.Guard.ReleaseAsync(cancellationToken);
            await session.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions.Values)
        {
            await session.DisposeAsync();
        }

        _sessions.Clear();
        _turn.Dispose();
    }
}
