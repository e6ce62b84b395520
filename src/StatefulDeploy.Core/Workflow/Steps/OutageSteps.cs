using StatefulDeploy.Contracts;
using StatefulDeploy.Reuse;

namespace StatefulDeploy.Workflow.Steps;

/// <summary>
/// The rows of an upgrade whose only node gives its volume to its successor. Nobody serves from the row Fence on, in which blue is closed and
/// ends, is snapshotted, and green starts on its data, closed; what follows decides for green and opens it, as in every window.
/// Until then everything goes back to the snapshot, which has all that was ever acknowledged.
/// </summary>
internal static class OutageSteps
{
    private static readonly TimeSpan Within = TimeSpan.FromHours(6);

    /// <summary>A row of the table as it is for such an upgrade.</summary>
    internal static WorkflowStep Of(WorkflowStep step) => step.Name switch
    {
        StepName.Provision => step with
        {
            Change = context => $"Lays {context.Target.Writer} out, without data, and does not start it.",
            UndoText = "Its folder is removed; a volume that was moved goes back to its old server, with the data that this one left.",
            Act = ProvisionAsync,
        },
        StepName.Replicate or StepName.CatchUp or StepName.Finalize or StepName.Join => step with { Change = _ => "Nothing.", Act = NothingAsync, Undo = null },
        StepName.Verify => step with { Change = _ => "Nothing: there is no green to be looked at before the outage.", Act = NothingAsync },
        StepName.Rehearse => step with { Change = _ => "Nothing: green does not run before the outage.", Act = NothingAsync },
        StepName.Fence => step with
        {
            Change = context => $"The outage begins: the old server is closed and ends, its volume is snapshotted and goes to {context.Target.Writer}, which starts on it, closed.",
            UndoText = "The volume goes back, with the data that the old server left, which starts again and opens.",
            Deadline = limits => Within + limits.WindowDeadline,
            Act = FenceAsync,
        },
        StepName.Position or StepName.Drain => step with { Change = _ => "Nothing: green has blue's own data.", Act = NothingAsync },
        StepName.Promote => step with { Change = _ => "Nothing: green was started as a writer.", Act = NothingAsync },
        StepName.Commit => step with { Change = context => $"Decides for {context.Target.Colour}, in the outcome file on the host of the old writer." },
        StepName.Switch => step with { Change = context => $"The router sends everything to {context.Target.Colour}; the outage ends.", UndoText = string.Empty },
        StepName.Open => step with { UndoText = string.Empty },
        StepName.Soak => step with { UndoText = string.Empty },
        StepName.Retire => step with { Change = _ => "Nothing is left of the old server but its configuration; snapshots stay for their retention.", Act = RetireAsync },
        _ => step,
    };

    /// <summary>Takes the volume back to the old server, which starts on the data that it left and opens; nothing where it serves.</summary>
    internal static async Task GiveBackAsync(UpgradeRun run)
    {
        await run.Guard.ActAsync(GuardedAct.ReturnVolume, run.WholeContext, null, Within, CancellationToken.None);
        run.Tell(ReportLevel.Information, $"{run.WholeBlue.Writer} runs again, on the data that it left.", StepName.Fence);
    }

    private static async Task<IReadOnlyDictionary<string, string>?> ProvisionAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        foreach (var transfer in ReusedLayout.Transfers(run.Service, run.WholeBlue, run.WholeGreen))
        {
            await run.Engine.Reuse!.PrepareAsync(transfer, run.WholeContext, cancellationToken);
        }

        return Facts.None;
    }

    private static async Task<IReadOnlyDictionary<string, string>?> FenceAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        if (run.Back)
        {
            throw new InvalidOperationException("There is no way back over an outage.");
        }

        await ProvisionAsync(run, cancellationToken); // A try that went back has removed what was laid out.
        try
        {
            await run.Guard.ActAsync(GuardedAct.MoveVolume, run.WholeContext, null, Within, cancellationToken);
        }
        catch (Exception failure) when (failure is not UpgradeException { Category: FailureCategory.StaleEpoch } && Failures.IsOfTheWorld(failure) && !run.Lost.IsCancellationRequested)
        {
            throw await AfterGivingBackAsync(run, failure);
        }

        return await WindowSteps.FenceAsync(run, cancellationToken);
    }

    private static async Task<Exception> AfterGivingBackAsync(UpgradeRun run, Exception failure)
    {
        run.Tell(ReportLevel.Warning, $"The volume goes back: {failure.Message}", StepName.Fence);
        try
        {
            await GiveBackAsync(run);
            return failure;
        }
        catch (UpgradeException back) when (back.Category != FailureCategory.StaleEpoch)
        {
            return new UpgradeException(
                "VolumeStranded",
                $"The new server could not be started ({failure.Message}), nor the old one again ({back.Message}). Nobody serves.",
                "Mend what the messages name, then resume the upgrade, or undo it. All that was acknowledged is on the volume.",
                (failure as UpgradeException)?.Category ?? FailureCategory.OperationFailed,
                failure)
            { Target = run.Service.Name };
        }
    }

    private static Task<IReadOnlyDictionary<string, string>?> RetireAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        SnapshotRetention.Apply(run);
        return NothingAsync(run, cancellationToken);
    }

    private static Task<IReadOnlyDictionary<string, string>?> NothingAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Facts.None);
    }
}
