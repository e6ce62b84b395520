using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;

namespace StatefulDeploy.Workflow;

/// <summary>The keeper that may be at work on an upgrade when we want to be. What it does is what a resume would do.</summary>
/// <param name="role">What we are: a keeper finds no other.</param>
/// <param name="clock">The clock.</param>
/// <param name="patience">How long it is waited for; five minutes when left out.</param>
internal sealed class KeeperAtWork(string role, TimeProvider clock, TimeSpan? patience = null)
{
    private const int MostTries = 3;
    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits until it is done.</summary>
    internal Task WaitAsync(UpgradeSubject subject, IReporter reporter, CancellationToken cancellationToken) =>
        WhileKeptAsync(subject, process => $"The keeper (process {process}) has taken the upgrade over; waiting for it.", () => { }, reporter, cancellationToken);

    /// <summary>Asks it to stop at the next step, and waits until it has.</summary>
    internal Task StopAsync(UpgradeSubject subject, Action ask, IReporter reporter, CancellationToken cancellationToken) =>
        WhileKeptAsync(subject, process => $"The keeper (process {process}) has taken the upgrade over; it is asked to stop.", ask, reporter, cancellationToken);

    /// <summary>Runs what begins by waiting for the keeper; once more when the keeper took the service between that look and our own grasp.</summary>
    internal async Task<T> AfterAsync<T>(JournalStore store, Func<Task<T>> act)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await act();
            }
            catch (UpgradeException busy) when (busy.ErrorId == "ServiceBusy" && tries < MostTries && Find(store) is not null)
            {
                // It is waited for at the beginning of the next round.
            }
        }
    }

    private async Task WhileKeptAsync(UpgradeSubject subject, Func<int, string> says, Action act, IReporter reporter, CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        var told = false;
        while (Find(subject.Store) is { } holder && IsPatient(since))
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

    private bool IsPatient(long since) => patience == Timeout.InfiniteTimeSpan || clock.GetElapsedTime(since) < (patience ?? Usual);

    private LeaseRecord? Find(JournalStore store) =>
        role != SessionPool.Keeper && ServiceLease.Read(store.Folder) is { Role: SessionPool.Keeper } holder && ServiceLease.IsAlive(holder, clock) ? holder : null;
}
