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

    /// <summary>Waits until it is done.</summary>
    internal Task WaitAsync(UpgradeSubject subject, IReporter reporter, CancellationToken cancellationToken) =>
        WhileKeptAsync(subject, process => $"The keeper (process {process}) has taken the upgrade over; waiting for it.", () => Task.CompletedTask, reporter, cancellationToken);

    /// <summary>Asks it to stop at the next step, and waits until it has.</summary>
    internal Task StopAsync(UpgradeSubject subject, Func<Task> ask, IReporter reporter, CancellationToken cancellationToken) =>
        WhileKeptAsync(subject, process => $"The keeper (process {process}) has taken the upgrade over; it is asked to stop.", ask, reporter, cancellationToken);

    /// <summary>Runs what begins by waiting for the keeper; once more when the keeper took the service between that look and our own grasp.</summary>
    internal async Task<T> AfterAsync<T>(IJournalStore store, Func<Task<T>> act, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await act();
            }
            catch (UpgradeException busy) when (busy.ErrorId == "ServiceBusy" && tries < MostTries)
            {
                if (await FindAsync(store, cancellationToken) is null)
                {
                    throw;
                }

                // It is waited for at the beginning of the next round.
            }
        }
    }

    private async Task WhileKeptAsync(UpgradeSubject subject, Func<int, string> says, Func<Task> act, IReporter reporter, CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        var told = false;
        while (await FindAsync(subject.Store, cancellationToken) is { } holder && IsPatient(since))
        {
            if (!told)
            {
                reporter.Report(new ReportEvent(ReportLevel.Information, says(holder.Process.Id)));
                told = true;
            }

            // Every time: a keeper that is only beginning forgets an earlier wish.
            await act();
            await Task.Delay(subject.Store.Pace, clock, cancellationToken);
        }
    }

    private bool IsPatient(long since) => patience == Timeout.InfiniteTimeSpan || clock.GetElapsedTime(since) < (patience ?? Usual);

    private async Task<LeaseRecord?> FindAsync(IJournalStore store, CancellationToken cancellationToken) =>
        role != SessionPool.Keeper && await store.FindHolderAsync(cancellationToken) is { Role: SessionPool.Keeper } holder ? holder : null;
}
