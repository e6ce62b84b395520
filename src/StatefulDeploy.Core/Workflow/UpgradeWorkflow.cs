using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Reuse;
using StatefulDeploy.Workflow.Steps;

namespace StatefulDeploy.Workflow;

/// <summary>
/// The workflow table. Strategies choose rows, cmdlets run a stretch of them, and the plan, the runner, resume, undo, progress and
/// report are all read off it.
/// </summary>
internal static class UpgradeWorkflow
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>The rows in their order.</summary>
    internal static IReadOnlyList<WorkflowStep> Steps { get; } =
    [
        new()
        {
            Name = StepName.Preflight,
            Change = _ => "Nothing: asks nodes, router, hosts and guard, and refuses early.",
            Deadline = _ => 5 * Minute,
            Act = PreparationSteps.PreflightAsync,
        },
        new()
        {
            Name = StepName.Lock,
            Change = context => $"Takes the lease of service '{context.Service.Name}', in its journal and on its writer's host.",
            UndoText = "The lease is given back.",
            Deadline = _ => Minute,
            Act = PreparationSteps.LockAsync,
        },
        new()
        {
            Name = StepName.Snapshot,
            Change = context => $"Takes {context.Service.DataClass.ColdCopies} restorable snapshot(s) of {context.Source.Colour} for data class '{context.Service.DataClass.Name}'.",
            UndoText = "Snapshots are kept until their retention ends.",
            Deadline = limits => limits.CatchUpDeadline,
            Weight = 5,
            Act = PreparationSteps.SnapshotAsync,
        },
        new()
        {
            Name = StepName.Provision,
            Change = PreparationSteps.TellProvision,
            UndoText = "The nodes are stopped and their folders removed, and the machines that were made for them; a volume that was moved goes back to its old server.",
            Deadline = limits => 30 * Minute + limits.CatchUpDeadline,
            Weight = 5,
            Act = PreparationSteps.ProvisionAsync,
            Undo = PreparationSteps.UndoProvisionAsync,
            UndoDeadline = 20 * Minute, // A machine takes minutes to go.
            Reaches = ClusterState.Provisioned,
        },
        new()
        {
            Name = StepName.Replicate,
            Change = context => ReusedLayout.IsReusing(context.Target)
                ? $"Nothing is copied: {context.Target.Writer} follows {context.Source.Colour}, and {context.Target.Colour}'s other nodes follow it."
                : $"Copies all data of {context.Source.Colour} into {context.Target.Colour} and follows its changes.",
            UndoText = "Replication is ended; nothing is left on the source.",
            Deadline = limits => limits.CatchUpDeadline,
            Weight = 5,
            Act = PreparationSteps.ReplicateAsync,
            Undo = PreparationSteps.StopReplicationAsync,
            Reaches = ClusterState.Replicating,
        },
        new()
        {
            Name = StepName.CatchUp,
            Change = context => $"Nothing: waits until the lag is under {context.Service.Limits.LagGate:N0} bytes.",
            Deadline = limits => limits.CatchUpDeadline,
            PointInTime = true,
            BothWays = true,
            Weight = 45,
            Act = PreparationSteps.CatchUpAsync,
        },
        new()
        {
            Name = StepName.Verify,
            Change = context => $"Runs {context.Service.Suites.Count} suite(s) against the target and compares all data; suites that write get a disposable copy.",
            UndoText = "Disposable copies are removed.",
            Deadline = _ => TimeSpan.FromHours(24),
            Weight = 25,
            Act = PreparationSteps.VerifyAsync,
            Reaches = ClusterState.Verified,
        },
        new()
        {
            Name = StepName.Rehearse,
            Change = _ => "Proves the window's acts without disturbing anybody; lets a harmless window expire for real.",
            Deadline = _ => 2 * Minute,
            PointInTime = true,
            BothWays = true,
            Weight = 2,
            Act = PreparationSteps.RehearseAsync,
        },
        new()
        {
            Name = StepName.Fence,
            Change = context => $"Arms the watcher ({Quantity.Text(context.Service.Limits.WindowDeadline)}), holds writes at the router and closes {string.Join(", ", context.Source.Nodes)}; a write probe must fail.",
            UndoText = "The source opens again and the router lets go.",
            Deadline = limits => limits.WindowDeadline,
            WritesClosed = true,
            BothWays = true,
            Act = WindowSteps.FenceAsync,
            Reaches = ClusterState.ReadOnly,
        },
        new()
        {
            Name = StepName.Position,
            Change = _ => "Nothing: reads the source's final position.",
            Deadline = limits => limits.WindowDeadline,
            WritesClosed = true,
            OnlyLooks = true,
            BothWays = true,
            Act = WindowSteps.PositionAsync,
        },
        new()
        {
            Name = StepName.Drain,
            Change = _ => "Nothing: waits until the target has applied it, as durably as the source acknowledged it.",
            Deadline = limits => limits.WindowDeadline,
            WritesClosed = true,
            OnlyLooks = true,
            BothWays = true,
            Act = WindowSteps.DrainAsync,
        },
        new()
        {
            Name = StepName.Finalize,
            Change = _ => "Carries what the stream does not.",
            Deadline = limits => limits.WindowDeadline,
            WritesClosed = true,
            RecordedMeanwhile = true,
            BothWays = true,
            Act = WindowSteps.FinalizeAsync,
        },
        new()
        {
            Name = StepName.Promote,
            Change = context => $"Makes {string.Join(", ", context.Target.Primaries)} primary, still closed; captures the point for the way back.",
            UndoText = "The target follows the source again.",
            Deadline = limits => limits.WindowDeadline,
            WritesClosed = true,
            RecordedMeanwhile = true,
            BothWays = true,
            Act = WindowSteps.PromoteAsync,
        },
        new()
        {
            Name = StepName.Commit,
            Change = context => $"Decides for {context.Target.Colour}, in the outcome file on the host of {context.Source.Writer}.",
            Deadline = limits => limits.WindowDeadline,
            Reversible = false,
            WritesClosed = true,
            BothWays = true,
            Act = WindowSteps.CommitAsync,
        },
        new()
        {
            Name = StepName.Open,
            Change = context => $"Reads go to {context.Target.Colour}, then it opens for writes: the point of no return.",
            UndoText = "A switch in the other direction.",
            Deadline = _ => Minute,
            Reversible = false,
            WritesClosed = true,
            RecordedMeanwhile = true,
            BothWays = true,
            Act = WindowSteps.OpenAsync,
        },
        new()
        {
            Name = StepName.Switch,
            Change = context => $"The router sends everything, held requests first, to {context.Target.Colour}; the way back is set up.",
            UndoText = "A switch in the other direction.",
            Deadline = _ => Minute,
            Reversible = false,
            WritesClosed = true,
            RecordedMeanwhile = true,
            BothWays = true,
            Weight = 2,
            Act = WindowSteps.SwitchAsync,
        },
        new()
        {
            Name = StepName.Soak,
            Change = context => $"Nothing: watches {context.Target.Colour} for {Quantity.Text(context.Service.Limits.Soak)}.",
            UndoText = "A switch in the other direction.",
            Deadline = limits => limits.Soak + 10 * Minute,
            Reversible = false,
            Weight = 5,
            Act = AfterSteps.SoakAsync,
        },
        new()
        {
            Name = StepName.Join,
            Only = UpgradeStrategy.VolumeReuse,
            Change = context => $"Ends the way back and moves the volume of {string.Join(", ", context.Source.Primaries)}, when no client is connected to it, to its new server, which follows {context.Target.Writer}.",
            Deadline = limits => 30 * Minute + limits.CatchUpDeadline,
            Reversible = false,
            Weight = 2,
            Act = ReuseSteps.JoinAsync,
        },
        new()
        {
            Name = StepName.Retire,
            Change = context => $"Ends the way back and stops {string.Join(", ", context.Source.Nodes)} when no client is connected to them; their data and the snapshots stay for {context.Service.DataClass.SnapshotRetention.TotalDays:0} days.",
            Deadline = _ => 30 * Minute,
            Reversible = false,
            Weight = 2,
            Act = AfterSteps.RetireAsync,
            Reaches = ClusterState.Retired,
        },
    ];

    /// <summary>The first and last row of a stretch.</summary>
    internal static (StepName From, StepName To) RowsOf(UpgradeStretch stretch) => stretch switch
    {
        UpgradeStretch.NewGreen => (StepName.Preflight, StepName.Provision),
        UpgradeStretch.StartReplication => (StepName.Replicate, StepName.Replicate),
        UpgradeStretch.WaitReplication => (StepName.CatchUp, StepName.CatchUp),
        UpgradeStretch.Verify => (StepName.Verify, StepName.Rehearse),
        UpgradeStretch.CloseWrites => (StepName.CatchUp, StepName.Fence),
        UpgradeStretch.Switch => (StepName.CatchUp, StepName.Switch),
        UpgradeStretch.SwitchBack => (StepName.CatchUp, StepName.Switch),
        UpgradeStretch.Retire => (StepName.Soak, StepName.Retire),
        UpgradeStretch.Everything => (StepName.Preflight, StepName.Retire),
        _ => throw new ArgumentOutOfRangeException(nameof(stretch), stretch, null),
    };

    /// <summary>The rows of a strategy.</summary>
    internal static IEnumerable<WorkflowStep> StepsOf(UpgradeStrategy strategy) => Steps.Where(step => step.Only is null || step.Only == strategy);

    /// <summary>The rows of a stretch.</summary>
    internal static IEnumerable<WorkflowStep> StretchOf(UpgradeStretch stretch)
    {
        var (from, to) = RowsOf(stretch);
        return Steps.Where(step => step.Name >= from && step.Name <= to && (stretch != UpgradeStretch.SwitchBack || step.BothWays));
    }
}
