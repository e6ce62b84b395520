using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;
using StatefulDeploy.Reuse;

namespace StatefulDeploy.Workflow.Steps;

/// <summary>The acts of an upgrade that reuses volumes: one node after another, each with its intent and its outcome in the journal. The acts themselves run inside the guard.</summary>
internal static class ReuseSteps
{
    // A snapshot, a load and a catching up take as long as there is data; each has a deadline of its own inside.
    private static readonly TimeSpan Within = TimeSpan.FromHours(6);
    private const int MostAttempts = 5;

    /// <summary>Takes the volumes of blue's replicas to green. One that fails goes back, and those before it stay where they are.</summary>
    internal static async Task MoveReplicasAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        foreach (var transfer in Transfers(run).Where(transfer => !transfer.IsLast))
        {
            await run.Engine.Reuse!.PrepareAsync(transfer, run.WholeContext, cancellationToken);
        }

        foreach (var transfer in Transfers(run).Where(transfer => !transfer.IsLast))
        {
            await MoveAsync(run, transfer, cancellationToken);
        }
    }

    /// <summary>Takes the volume of the writer that was left to green, as that one's last replica: the way back ends.</summary>
    internal static async Task<IReadOnlyDictionary<string, string>?> JoinAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        await AfterSteps.EnsureIsLeftAsync(run, cancellationToken);
        foreach (var transfer in Transfers(run).Where(transfer => transfer.IsLast))
        {
            var context = run.WholeContext with { Source = run.WholeGreen, Target = ReusedLayout.Only(run.WholeBlue, transfer.From) };
            await run.Engine.Reuse!.PrepareAsync(transfer, context, cancellationToken);
            Note(run, transfer, StepName.Join, VolumeTransferState.Moving);
            run.Faults.Reached(StepName.Join, FaultMoment.BeforeAct, transfer.To.Name);
            await EndWayBackAndMoveAsync(run, context, cancellationToken);
            run.Faults.Reached(StepName.Join, FaultMoment.AfterAct, transfer.To.Name);
            Note(run, transfer, StepName.Join, VolumeTransferState.Moved);
        }

        return Facts.None;
    }

    /// <summary>Takes every volume that went to green back to blue, the last one first.</summary>
    internal static async Task ReturnAllAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        foreach (var transfer in Transfers(run).Where(transfer => !transfer.IsLast || transfer.IsOutage).Reverse())
        {
            await ReturnAsync(run, transfer, cancellationToken);
        }
    }

    /// <summary>How far each volume has come, as the journal tells it.</summary>
    internal static IReadOnlyList<VolumeTransferStatus> StatusOf(UpgradeState? state, ServiceDescription service, ClusterLayout blue, ClusterLayout green) =>
    [
        .. ReusedLayout.Transfers(service, blue, green).Select(transfer => state?.Fact<VolumeTransferStatus>(FactName.TransferOf(transfer.Volume.Name))
            ?? Status(transfer, transfer.IsOutage ? StepName.Fence : transfer.IsLast ? StepName.Join : StepName.Provision, VolumeTransferState.Waiting)),
    ];

    // The keeper, which sets the way back going again when it stands still, may have looked a moment before it was ended: its act then ends ours.
    private static async Task EndWayBackAndMoveAsync(UpgradeRun run, EngineContext context, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await run.Engine.Replicator.StopAsync(run.Opposite, cancellationToken);
            try
            {
                await run.Guard.ActAsync(GuardedAct.MoveVolume, context, null, Within, cancellationToken);
                return;
            }
            catch (UpgradeException exception) when (exception.ErrorId == "Superseded" && attempt < MostAttempts)
            {
                run.Tell(ReportLevel.Verbose, $"{exception.Message} It is done again.", StepName.Join);
            }
        }
    }

    private static async Task MoveAsync(UpgradeRun run, NodeTransfer transfer, CancellationToken cancellationToken)
    {
        var context = ContextFor(run, transfer);
        Note(run, transfer, StepName.Provision, VolumeTransferState.Moving);
        run.Faults.Reached(StepName.Provision, FaultMoment.BeforeAct, transfer.To.Name);
        try
        {
            await run.Guard.ActAsync(GuardedAct.MoveVolume, context, null, Within, cancellationToken);
        }
        catch (Exception failure) when (failure is not UpgradeException { Category: FailureCategory.StaleEpoch } && Failures.IsOfTheWorld(failure) && !run.Lost.IsCancellationRequested)
        {
            throw await GiveBackAsync(run, transfer, failure);
        }

        run.Faults.Reached(StepName.Provision, FaultMoment.AfterAct, transfer.To.Name);
        Note(run, transfer, StepName.Provision, VolumeTransferState.Moved);
        run.Faults.Reached(StepName.Provision, FaultMoment.AfterRecord, transfer.To.Name);
    }

    // The caller's token may be what ended it: going back must not end with it.
    private static async Task<Exception> GiveBackAsync(UpgradeRun run, NodeTransfer transfer, Exception failure)
    {
        run.Tell(ReportLevel.Warning, $"{transfer.To} did not take {transfer}: {failure.Message} It goes back.", StepName.Provision);
        try
        {
            await ReturnAsync(run, transfer, CancellationToken.None);
            return failure;
        }
        catch (UpgradeException back) when (back.Category != FailureCategory.StaleEpoch)
        {
            Note(run, transfer, StepName.Provision, VolumeTransferState.Failed);
            return new UpgradeException(
                "VolumeStranded",
                $"The transfer of {transfer} failed ({failure.Message}), and so did taking it back ({back.Message}).",
                "Blue's writer goes on serving. Mend what the messages name, then resume the upgrade, or undo it.",
                (failure as UpgradeException)?.Category ?? FailureCategory.OperationFailed,
                failure)
            { Target = transfer.Volume.Name };
        }
    }

    private static async Task ReturnAsync(UpgradeRun run, NodeTransfer transfer, CancellationToken cancellationToken)
    {
        Note(run, transfer, StepName.Provision, VolumeTransferState.Returning);
        await run.Guard.ActAsync(GuardedAct.ReturnVolume, ContextFor(run, transfer), null, Within, cancellationToken);
        Note(run, transfer, StepName.Provision, VolumeTransferState.Returned);
    }

    private static IReadOnlyList<NodeTransfer> Transfers(UpgradeRun run) => ReusedLayout.Transfers(run.Service, run.WholeBlue, run.WholeGreen);

    private static EngineContext ContextFor(UpgradeRun run, NodeTransfer transfer) =>
        run.WholeContext with { Source = run.WholeBlue, Target = ReusedLayout.Only(run.WholeGreen, transfer.To) };

    private static VolumeTransferStatus Status(NodeTransfer transfer, StepName step, VolumeTransferState state) =>
        new(transfer.Volume.Name, transfer.From.Name, transfer.From.Host, transfer.To.Name, transfer.To.Host, step.ToString(), state);

    private static void Note(UpgradeRun run, NodeTransfer transfer, StepName step, VolumeTransferState state)
    {
        run.Record(new JournalEntry { Kind = JournalKind.Fact, Name = step.ToString(), Data = Facts.Of((FactName.TransferOf(transfer.Volume.Name), ModelJson.Write(Status(transfer, step, state)))) });
        var all = StatusOf(run.State, run.Service, run.WholeBlue, run.WholeGreen).Where(status => status.Step == step.ToString()).ToList();
        run.Reporter.Report(new ReportEvent(ReportLevel.Progress, $"{transfer.To.Name}: volume {transfer.Volume.Name} is {state.ToString().ToLowerInvariant()}")
        {
            Step = step.ToString(),
            Percent = Progress.Within(step, (double)all.Count(status => status.Status == VolumeTransferState.Moved) / all.Count),
        });
    }
}
