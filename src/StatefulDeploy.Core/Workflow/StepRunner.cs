using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow;

/// <summary>Runs rows of the table, one after another: intent, act, record; and what a failure asks for.</summary>
internal sealed class StepRunner(UpgradeRun run)
{
    private readonly WindowRecovery _recovery = new(run);

    /// <summary>Runs what is not done yet of the given rows.</summary>
    internal async Task RunAsync(IEnumerable<WorkflowStep> steps, CancellationToken cancellationToken)
    {
        var rows = steps.ToList();
        var windowOpen = await _recovery.SettleAsync(continueOpenWindow: true, cancellationToken);
        if (!windowOpen && rows.Exists(step => step.Name == StepName.Provision))
        {
            await _recovery.ForgetDeadTargetAsync(cancellationToken);
        }

        foreach (var step in rows)
        {
            var done = run.State.StatusOf(step.Name, run.Back) == StepStatus.Done;
            if (done && (!step.PointInTime || windowOpen || run.State.StatusOf(StepName.Commit, run.Back) == StepStatus.Done))
            {
                continue;
            }

            await RunAsync(step, cancellationToken);
        }

        run.Flush();
    }

    /// <summary>Runs the given rows, whatever was done before: a rehearsal.</summary>
    internal async Task PlayAsync(IEnumerable<WorkflowStep> steps, CancellationToken cancellationToken)
    {
        foreach (var step in steps)
        {
            await RunAsync(step, cancellationToken);
        }
    }

    private async Task RunAsync(WorkflowStep step, CancellationToken cancellationToken)
    {
        // After the commit there is only the way forward: a wish to cancel is heard again behind the switch.
        var forwardOnly = step.WritesClosed && step.Name > StepName.Commit;
        if (!step.WritesClosed || step.Name == StepName.Fence)
        {
            run.StopRequested.ThrowIfCancellationRequested();
        }

        if (step.Name == StepName.Fence)
        {
            await run.Notifier.BeforeAsync(); // Outside the step, so that it costs the window nothing.
        }

        using var deadline = step.WritesClosed
            ? CancellationTokenSource.CreateLinkedTokenSource(forwardOnly ? CancellationToken.None : cancellationToken)
            : CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, run.StopRequested);
        deadline.CancelAfter(step.Deadline(run.Limits));
        run.Tell(ReportLevel.Verbose, step.Change(run.Context), step.Name);
        run.Reporter.Report(new ReportEvent(ReportLevel.Progress, step.Name.ToString()) { Step = step.Name.ToString(), Percent = Progress.Within(step.Name, 0) });
        try
        {
            await BeginAsync(step, deadline.Token);
            run.Faults.Reached(step.Name, FaultMoment.BeforeAct);
            var facts = await step.Act(run, deadline.Token);
            run.Faults.Reached(step.Name, FaultMoment.AfterAct);
            Finish(step, facts);
            run.Faults.Reached(step.Name, FaultMoment.AfterRecord);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            await FailAsync(step, Explain(step, exception, cancellationToken), exception);
        }
    }

    private async Task BeginAsync(WorkflowStep step, CancellationToken cancellationToken)
    {
        run.RecordLater(new JournalEntry { Kind = JournalKind.Intent, Name = step.Name.ToString() });
        if (!step.WritesClosed || step.Name == StepName.Fence)
        {
            // Whoever goes on elsewhere must know of it; inside the window the guard on the writer's host is asked instead.
            await run.SharedAsync(cancellationToken);
        }
        else if (run.Faults is not NoFaults || !(step.OnlyLooks || step.RecordedMeanwhile))
        {
            run.Flush();
        }
        else if (step.RecordedMeanwhile)
        {
            run.FlushBehind();
        }
    }

    private void Finish(WorkflowStep step, IReadOnlyDictionary<string, string>? facts)
    {
        run.RecordLater(new JournalEntry { Kind = JournalKind.Done, Name = step.Name.ToString(), Data = facts });
        if (step.Reaches is { } state)
        {
            run.Reach(state);
        }

        if (!step.WritesClosed || step.Name == StepName.Switch || run.Faults is not NoFaults)
        {
            run.Flush(); // Inside the window it goes to disk with the next intent of a step that changes something.
        }
    }

    private async Task FailAsync(WorkflowStep step, UpgradeException failure, Exception cause)
    {
        run.Record(new JournalEntry { Kind = JournalKind.Failed, Name = step.Name.ToString(), Text = failure.Message });
        if (step.WritesClosed && failure.Category != FailureCategory.StaleEpoch)
        {
            if (await _recovery.EndWindowAsync())
            {
                return; // It had been committed: the way forward was gone to its end.
            }
        }
        else if (step.Undo is not null && failure.Category != FailureCategory.StaleEpoch)
        {
            await UndoAsync(step);
        }

        throw ReferenceEquals(failure, cause) ? failure : new UpgradeException(failure.ErrorId, failure.Message, failure.RecommendedAction, failure.Category, cause) { Target = failure.Target };
    }

    private async Task UndoAsync(WorkflowStep step)
    {
        using var deadline = new CancellationTokenSource(step.UndoDeadline);
        run.Record(new JournalEntry { Kind = JournalKind.UndoIntent, Name = step.Name.ToString() });
        await step.Undo!(run, deadline.Token);
        run.Record(new JournalEntry { Kind = JournalKind.UndoDone, Name = step.Name.ToString() });
        run.Tell(ReportLevel.Information, $"{step.Name} was undone: {step.UndoText}", step.Name);
    }

    private UpgradeException Explain(WorkflowStep step, Exception exception, CancellationToken cancellationToken) => exception switch
    {
        UpgradeException known => known,
        OperationCanceledException when run.Lost.IsCancellationRequested =>
            new UpgradeException("LeaseLost", $"Somebody else took service '{run.Service.Name}' over during {step.Name}.", "Get-StatefulUpgrade tells who; nothing more is done here.", FailureCategory.StaleEpoch),
        OperationCanceledException when cancellationToken.IsCancellationRequested || run.StopRequested.IsCancellationRequested =>
            new UpgradeException("Cancelled", $"{step.Name} was cancelled.", "Nothing is lost. Resume the upgrade when you want to go on, or undo it.", FailureCategory.OperationFailed),
        OperationCanceledException =>
            new UpgradeException("StepTimeout", $"{step.Name} took longer than its deadline of {Quantity.Text(step.Deadline(run.Limits))}.", "Find out what is slow; resume the upgrade, or undo it.", FailureCategory.Timeout),
        _ => new UpgradeException($"{step.Name}Failed", $"{step.Name} failed: {exception.Message}", "Mend the cause, then resume the upgrade, or undo it."),
    };
}
