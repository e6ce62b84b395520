using StatefulDeploy.Contracts;
using StatefulDeploy.Guard;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;
using StatefulDeploy.Workflow.Planning;
using StatefulDeploy.Workflow.Steps;

namespace StatefulDeploy.Workflow;

/// <summary>Ends a closed window after a failure or an interruption: back before the commit, forward after it. What was decided is read from the outcome, never from the journal.</summary>
internal sealed class WindowRecovery(UpgradeRun run)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan TargetPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(250);
    private string _trouble = string.Empty;

    /// <summary>Brings the journal and the world together before rows are run.</summary>
    /// <param name="continueOpenWindow">Whether a window whose fence stands may be gone on with; otherwise it is ended.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Whether a window is open and is to be gone on with.</returns>
    internal async Task<bool> SettleAsync(bool continueOpenWindow, CancellationToken cancellationToken)
    {
        var window = await run.Guard.GetWindowAsync(cancellationToken);
        if (window is null && IsDone(StepName.Commit) && !IsDone(StepName.Switch))
        {
            // Whoever went forward ended the window at the guard, and died before it was written down.
            await EndWindowAsync();
            return false;
        }

        if (window is null || window.Plan.UpgradeId != run.State.UpgradeId)
        {
            ForgetUncommittedRows();
            return false;
        }

        var fenced = run.State.LastStep == StepName.Fence && IsDone(StepName.Fence);
        if (window.Outcome == WindowOutcome.Undecided && continueOpenWindow && fenced && window.Deadline > run.Clock.GetUtcNow())
        {
            return true;
        }

        await EndWindowAsync();
        return false;
    }

    /// <summary>Before a switch: a target that is gone, whatever the journal says of it, is made and filled again by the rows that made it.</summary>
    internal async Task ForgetDeadTargetAsync(CancellationToken cancellationToken)
    {
        if (run.Back || run.HasOutage || run.State.StatusOf(StepName.Provision, back: false) != StepStatus.Done || run.State.StatusOf(StepName.Commit, back: false) == StepStatus.Done)
        {
            return;
        }

        for (var since = run.Clock.GetTimestamp(); await FindDeadAsync(cancellationToken) is { } dead; await Task.Delay(Retry, run.Clock, cancellationToken))
        {
            if (run.Clock.GetElapsedTime(since) > TargetPatience)
            {
                run.Tell(ReportLevel.Warning, $"{dead.Name} does not answer: {dead.Message} {run.Target.Colour} is brought up, filled and verified again.", StepName.Provision);
                Forget(StepName.Provision, StepName.Rehearse);
                return;
            }
        }
    }

    private async Task<NodeStatus?> FindDeadAsync(CancellationToken cancellationToken)
    {
        var found = await Task.WhenAll(run.Target.Nodes.Select(node => run.Engine.Preflight.ProbeAsync(node, run.Context, cancellationToken)));
        return found.FirstOrDefault(status => !status.Reachable);
    }

    /// <summary>Ends the window, whichever way it is or becomes decided.</summary>
    /// <returns>True when it was committed and the target now serves; false when the source is open again.</returns>
    /// <exception cref="UpgradeException">It could not be ended within two minutes, or somebody else has taken over.</exception>
    internal async Task<bool> EndWindowAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            return await EndWithinAsync(patience.Token);
        }
        catch (OperationCanceledException exception) when (patience.IsCancellationRequested)
        {
            throw new UpgradeException(
                "WindowNotEnded",
                $"The window could not be ended within {Patience.TotalMinutes:0} minutes{(_trouble.Length > 0 ? $": {_trouble}" : ".")}",
                "The watcher goes on doing what the outcome calls for. Mend what the message names, then resume the upgrade.",
                FailureCategory.Timeout,
                exception);
        }
    }

    private async Task<bool> EndWithinAsync(CancellationToken cancellationToken)
    {
        var window = await AskAsync(() => run.Guard.GetWindowAsync(cancellationToken));
        if (window is null && IsDone(StepName.Commit))
        {
            // It was committed and is done with: the target serves, and the router is never sent back to the source.
            await GoForwardAsync(cancellationToken);
            return true;
        }

        if (window is null)
        {
            await ReleaseRouterAsync(cancellationToken);
            ForgetUncommittedRows();
            return false;
        }

        var outcome = window.Outcome == WindowOutcome.Undecided
            ? await AskAsync(() => run.Guard.ExpireAsync(window.Plan.WindowId, cancellationToken))
            : window.Outcome;
        if (outcome == WindowOutcome.Committed && !await RevertIfTargetDiedAsync(window.Plan, cancellationToken))
        {
            Know(window.Plan);
            await GoForwardAsync(cancellationToken);
            return true;
        }

        await GoBackAsync(window.Plan, cancellationToken);
        return false;
    }

    /// <summary>Asks the guard what is decided. One on another host may be out of reach, and then nobody here knows.</summary>
    private async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (UpgradeException error) when (run.Service.Blue.Writer.Host is not HostInspection.Here and var host && error.Category is FailureCategory.Unreachable or FailureCategory.Timeout)
        {
            throw new UpgradeException(
                Failures.WindowUnknown,
                $"Whether the window was committed is decided on host '{host}', and that cannot be reached: {error.Message} The guard there ends the window by itself.",
                "Nothing is opened from here until it has been read there: the keeper goes on trying. Or resume the upgrade when the host answers again.",
                FailureCategory.Unreachable,
                error) { Target = host };
        }
    }

    /// <summary>After the commit, while the target was never opened: when it is dead and stays dead, the source is decided for after all.</summary>
    /// <returns>True when the source now has the right to open.</returns>
    private async Task<bool> RevertIfTargetDiedAsync(WindowPlan plan, CancellationToken cancellationToken)
    {
        var since = run.Clock.GetTimestamp();
        while (true)
        {
            try
            {
                await WindowSteps.ProveReachableAsync(run, cancellationToken);
                return false;
            }
            catch (UpgradeException exception) when (exception.Category == FailureCategory.Unreachable)
            {
                if (run.Clock.GetElapsedTime(since) > TargetPatience)
                {
                    return await TryRevertAsync(plan, cancellationToken);
                }
            }

            await Task.Delay(Retry, run.Clock, cancellationToken);
        }
    }

    private async Task<bool> TryRevertAsync(WindowPlan plan, CancellationToken cancellationToken)
    {
        try
        {
            var reverted = await run.Guard.RevertAsync(plan.WindowId, cancellationToken) == WindowOutcome.Expired;
            run.Tell(ReportLevel.Warning, $"{run.Target.Colour} died between the commit and its opening; {run.Source.Colour} is decided for after all.", StepName.Commit);
            return reverted;
        }
        catch (UpgradeException exception) when (exception.Category is not (FailureCategory.StaleEpoch or FailureCategory.Busy))
        {
            return false; // Its opening had begun: only the way forward is left.
        }
    }

    private async Task GoBackAsync(WindowPlan plan, CancellationToken cancellationToken)
    {
        if (run.HasOutage)
        {
            await OutageSteps.GiveBackAsync(run);
        }

        await PersistAsync(token => run.Guard.OpenGatesAsync([.. plan.Source.Primaries], token), cancellationToken);
        await ReleaseRouterAsync(cancellationToken);
        run.Mark(MarkName.Opened);
        run.Notifier.After(run.Source);
        run.ClosedAt = null;
        await TolerateAsync("Opening the source's other nodes", () => run.Guard.OpenGatesAsync([.. plan.Source.Nodes], cancellationToken));
        if (!run.HasOutage && MayBePromoted() && !await TolerateAsync($"Demoting {run.Target.Colour}", () => run.ActAsync(GuardedAct.Demote, run.Context, null, cancellationToken)))
        {
            // It no longer follows: the copy has to be set up again before another switch.
            run.RecordLater(new JournalEntry { Kind = JournalKind.UndoDone, Name = nameof(StepName.Replicate) });
        }

        await TolerateAsync("Ending the window at the guard", () => CompleteAsync(plan, cancellationToken));
        ForgetUncommittedRows(evenCommitted: true);
        run.Tell(ReportLevel.Information, $"{run.Source.Colour} takes writes again.", StepName.Fence);
        run.Reach(run.Back ? ClusterState.Switched : run.HasOutage ? ClusterState.Provisioned : run.Green.Shards.Count == 0 ? ClusterState.Serving : ClusterState.Replicating);
        run.Flush();
    }

    // The lines of the window may be on the disk of a machine that is gone.
    private bool MayBePromoted() =>
        run.State.StatusOf(StepName.Promote, run.Back) != StepStatus.Pending || (run.Journal.IsShared && run.Target.Shards.Count > 0);

    private async Task CompleteAsync(WindowPlan plan, CancellationToken cancellationToken)
    {
        await run.SharedAsync(cancellationToken); // From here on nobody but the journal tells of it.
        await run.Guard.CompleteAsync(plan.WindowId, cancellationToken);
    }

    // As above: the guard knows which window it is.
    private void Know(WindowPlan plan)
    {
        if (run.State.Fact(FactName.Window) != plan.WindowId)
        {
            run.RecordLater(new JournalEntry { Kind = JournalKind.Fact, Name = FactName.Window, Data = Facts.Of((FactName.Window, plan.WindowId)) });
        }
    }

    private async Task GoForwardAsync(CancellationToken cancellationToken)
    {
        if (!IsDone(StepName.Commit))
        {
            run.Record(new JournalEntry { Kind = JournalKind.Done, Name = nameof(StepName.Commit) });
        }

        await PersistAsync(
            async token =>
            {
                await WindowHold.RenewAsync(run.Router, run.Target, run.Limits, run.Guard.Epoch, token);
                await WindowSteps.OpenAsync(run, token);
            },
            cancellationToken);
        run.Record(new JournalEntry { Kind = JournalKind.Done, Name = nameof(StepName.Open) });
        await PersistAsync(
            async token =>
            {
                var facts = await WindowSteps.SwitchAsync(run, token);
                run.Record(new JournalEntry { Kind = JournalKind.Done, Name = nameof(StepName.Switch), Data = facts });
            },
            cancellationToken);
    }

    /// <summary>What must not keep the source's writers closed: tried once, and told when it fails. The watcher goes on with what is its own.</summary>
    private async Task<bool> TolerateAsync(string what, Func<Task> act)
    {
        try
        {
            await act();
            return true;
        }
        catch (Exception exception) when (exception is not UpgradeException { Category: FailureCategory.StaleEpoch } && Failures.IsOfTheWorld(exception))
        {
            run.Tell(ReportLevel.Warning, $"{what} did not succeed yet: {exception.Message} {(exception as UpgradeException)?.RecommendedAction}".TrimEnd());
            return false;
        }
    }

    private Task ReleaseRouterAsync(CancellationToken cancellationToken) =>
        PersistAsync(token => run.Router.ReleaseAsync(RouterTargets.Of(run.HasOutage ? run.WholeBlue : run.Source), run.Guard.Epoch, token), cancellationToken);

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
            catch (Exception exception) when (exception is not UpgradeException { Category: FailureCategory.StaleEpoch } && Failures.IsOfTheWorld(exception) && !cancellationToken.IsCancellationRequested)
            {
                _trouble = exception.Message;
                run.Tell(ReportLevel.Warning, $"Trying again: {exception.Message}");
            }

            await Task.Delay(Retry, run.Clock, cancellationToken);
        }
    }

    private bool IsDone(StepName step) => run.State.StatusOf(step, run.Back) == StepStatus.Done;

    private void ForgetUncommittedRows(bool evenCommitted = false)
    {
        if (!evenCommitted && IsDone(StepName.Commit))
        {
            return;
        }

        Forget(StepName.Fence, StepName.Switch);
    }

    private void Forget(StepName from, StepName to)
    {
        for (var step = from; step <= to; step++)
        {
            if (run.State.StatusOf(step, run.Back) != StepStatus.Pending)
            {
                run.RecordLater(new JournalEntry { Kind = JournalKind.UndoDone, Name = step.ToString() });
            }
        }
    }
}
