using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;
using StatefulDeploy.Workflow.Steps;

namespace StatefulDeploy.Workflow;

/// <summary>Ends a closed window after a failure or an interruption: back before the commit, forward after it. What was decided is read from the outcome, never from the journal.</summary>
internal sealed class WindowRecovery(UpgradeRun run)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(250);

    /// <summary>Brings the journal and the world together before rows are run.</summary>
    /// <param name="continueOpenWindow">Whether a window whose fence stands may be gone on with; otherwise it is ended.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Whether a window is open and is to be gone on with.</returns>
    internal async Task<bool> SettleAsync(bool continueOpenWindow, CancellationToken cancellationToken)
    {
        var window = await run.Guard.GetWindowAsync(cancellationToken);
        if (window is null || window.Plan.UpgradeId != run.State.UpgradeId)
        {
            ForgetUncommittedRows();
            return false;
        }

        var fenced = run.State.LastStep == StepName.Fence && run.State.StatusOf(StepName.Fence, run.Back) == StepStatus.Done;
        if (window.Outcome == WindowOutcome.Undecided && continueOpenWindow && fenced && window.Deadline > run.Clock.GetUtcNow())
        {
            return true;
        }

        await EndWindowAsync();
        return false;
    }

    /// <summary>Ends the window, whichever way it is or becomes decided.</summary>
    /// <returns>True when it was committed and the target now serves; false when the source is open again.</returns>
    internal async Task<bool> EndWindowAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var window = await run.Guard.GetWindowAsync(patience.Token);
        if (window is null)
        {
            await ReleaseRouterAsync(patience.Token);
            ForgetUncommittedRows();
            return false;
        }

        var outcome = window.Outcome == WindowOutcome.Undecided
            ? await run.Guard.ExpireAsync(window.Plan.WindowId, patience.Token)
            : window.Outcome;
        if (outcome == WindowOutcome.Committed)
        {
            await GoForwardAsync(patience.Token);
            return true;
        }

        await GoBackAsync(window.Plan, patience.Token);
        return false;
    }

    private async Task GoBackAsync(WindowPlan plan, CancellationToken cancellationToken)
    {
        await PersistAsync(token => run.Guard.OpenGatesAsync([.. plan.Source.Nodes], token), cancellationToken);
        await ReleaseRouterAsync(cancellationToken);
        run.Mark(MarkName.Opened);
        run.Notifier.After(run.Source);
        run.ClosedAt = null;
        if (run.State.StatusOf(StepName.Promote, run.Back) != StepStatus.Pending)
        {
            await run.Engine.Switchover.DemoteAsync(run.Context, cancellationToken);
        }

        await run.Guard.CompleteAsync(plan.WindowId, cancellationToken);
        ForgetUncommittedRows();
        run.Tell(ReportLevel.Information, $"{run.Source.Colour} takes writes again.", StepName.Fence);
        run.Reach(run.Back ? ClusterState.Switched : run.Green.Shards.Count == 0 ? ClusterState.Serving : ClusterState.Replicating);
        run.Flush();
    }

    private async Task GoForwardAsync(CancellationToken cancellationToken)
    {
        if (run.State.StatusOf(StepName.Commit, run.Back) != StepStatus.Done)
        {
            run.Record(new JournalEntry { Kind = JournalKind.Done, Name = nameof(StepName.Commit) });
        }

        await PersistAsync(token => WindowSteps.OpenAsync(run, token), cancellationToken);
        run.Record(new JournalEntry { Kind = JournalKind.Done, Name = nameof(StepName.Open) });
        await PersistAsync(
            async token =>
            {
                var facts = await WindowSteps.SwitchAsync(run, token);
                run.Record(new JournalEntry { Kind = JournalKind.Done, Name = nameof(StepName.Switch), Data = facts });
            },
            cancellationToken);
    }

    private Task ReleaseRouterAsync(CancellationToken cancellationToken) =>
        PersistAsync(token => run.Router.ReleaseAsync(RouterTargets.Of(run.Source), run.Guard.Epoch, token), cancellationToken);

    /// <summary>Tries until it succeeds or patience ends: half a way back or forward helps nobody.</summary>
    private async Task PersistAsync(Func<CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await act(cancellationToken);
                return;
            }
            catch (UpgradeException exception) when (exception.Category != FailureCategory.StaleEpoch && !cancellationToken.IsCancellationRequested)
            {
                run.Tell(ReportLevel.Warning, $"Trying again: {exception.Message}");
            }

            await Task.Delay(Retry, run.Clock, cancellationToken);
        }
    }

    private void ForgetUncommittedRows()
    {
        if (run.State.StatusOf(StepName.Commit, run.Back) == StepStatus.Done)
        {
            return;
        }

        for (var step = StepName.Fence; step <= StepName.Commit; step++)
        {
            if (run.State.StatusOf(step, run.Back) != StepStatus.Pending)
            {
                run.RecordLater(new JournalEntry { Kind = JournalKind.UndoDone, Name = step.ToString() });
            }
        }
    }
}
