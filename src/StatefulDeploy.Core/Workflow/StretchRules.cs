using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Reuse;
using StatefulDeploy.Workflow.Steps;

namespace StatefulDeploy.Workflow;

/// <summary>Which stretch may follow which state, and how what was asked for is put together.</summary>
internal static class StretchRules
{
    /// <exception cref="UpgradeException">The cluster is not in the state that the stretch needs.</exception>
    internal static void Check(UpgradeStretch stretch, UpgradeSubject subject, UpgradeRequest request)
    {
        var needed = stretch switch
        {
            UpgradeStretch.StartReplication => (StepName.Provision, "New-GreenCluster"),
            UpgradeStretch.WaitReplication or UpgradeStretch.Verify or UpgradeStretch.Switch => (StepName.Replicate, "Start-Replication"),
            UpgradeStretch.SwitchBack or UpgradeStretch.Retire => (StepName.Switch, "Switch-Traffic"),
            _ => ((StepName Step, string Cmdlet)?)null,
        };
        if (needed is { } need && subject.State?.StatusOf(need.Step, back: false) != StepStatus.Done)
        {
            throw new UpgradeException("WrongState", $"{stretch} needs step {need.Step} to be done, but service '{subject.Service.Name}' is {subject.State?.State ?? ClusterState.Serving}.", $"Run {need.Cmdlet} first.", FailureCategory.WrongState) { Target = subject.Service.Name };
        }

        if (stretch == UpgradeStretch.SwitchBack)
        {
            RequireWayBack(subject);
        }

        if (stretch is UpgradeStretch.NewGreen or UpgradeStretch.Everything && subject.State is { } state && request.TargetVersion is { } version && subject.Green is { } green && green.Version != version)
        {
            throw new UpgradeException("OtherUpgradeUnderWay", $"Upgrade {state.UpgradeId} of service '{subject.Service.Name}' to {green.Version} is under way; a second one to {version} cannot be begun.", "Finish it with Resume-StatefulUpgrade, or take it back with Undo-StatefulUpgrade.", FailureCategory.WrongState) { Target = version };
        }

        if (request.Strategy is { } strategy && subject.State is not null && subject.Strategy != strategy)
        {
            throw new UpgradeException("OtherUpgradeUnderWay", $"Upgrade {subject.State.UpgradeId} of service '{subject.Service.Name}' was begun by {subject.Strategy}; it cannot be gone on with by {strategy}.", "Leave the strategy out, or take it back with Undo-StatefulUpgrade first.", FailureCategory.WrongState) { Target = strategy };
        }
    }

    /// <exception cref="UpgradeException">The only copy of the data went to green's server, which has served since.</exception>
    internal static void RequireWayBack(UpgradeSubject subject)
    {
        if (subject.State?.Live == ClusterColour.Green && subject.Green is { } green && ReusedLayout.IsOutage(subject.Service, subject.Blue, green))
        {
            throw new UpgradeException("NoWayBack", $"Green serves, on the volume that blue had: going back to blue's snapshot would lose what was written since.", "Go forward: resume the upgrade. The snapshot of the old data stays on the volume (Get-ClusterSnapshot).", FailureCategory.WrongState) { Target = subject.Service.Name };
        }
    }

    /// <exception cref="UpgradeException">The strategy is not for this service; another one is not taken in its place.</exception>
    internal static void RequireStrategy(UpgradeRequest request, ServiceDescription service)
    {
        if (request.ShardStrategy == UpgradeStrategy.ShardByShard)
        {
            throw new UpgradeException("InvalidShardStrategy", "A shard has no shards.", $"Use {UpgradeStrategy.Mirror} or {UpgradeStrategy.VolumeReuse} for each shard.", FailureCategory.InvalidInput) { Target = request.ShardStrategy };
        }

        switch (request.Strategy)
        {
            case UpgradeStrategy.ShardByShard when service.Parts.Count == 0:
                throw new UpgradeException("NotSharded", $"Service '{service.Name}' has no shards with routers of their own: it is switched as a whole.", $"Use {UpgradeStrategy.Mirror} or {UpgradeStrategy.VolumeReuse}. A shard with its own 'router' in '{service.Path}' is switched by itself.", FailureCategory.InvalidInput) { Target = request.Strategy };
            case UpgradeStrategy.Mirror or UpgradeStrategy.VolumeReuse when service.Parts.Count > 0:
                throw new UpgradeException("ShardsOneByOne", $"The {service.Parts.Count} shards of service '{service.Name}' have routers of their own: they are not switched at once.", $"Use {UpgradeStrategy.ShardByShard}, or leave the strategy out; how each shard gets its data is said by -ShardStrategy (--shard-strategy).", FailureCategory.InvalidInput) { Target = request.Strategy };
        }
    }

    /// <summary>The strategy of a service when none is asked for.</summary>
    internal static UpgradeStrategy StrategyOf(ServiceDescription service) => service.Parts.Count > 0 ? UpgradeStrategy.ShardByShard : UpgradeStrategy.Mirror;

    /// <summary>The rows of a stretch; closing writes for maintenance, with no green, is the fence alone.</summary>
    internal static IEnumerable<WorkflowStep> RowsFor(UpgradeStretch stretch, UpgradeRun run) =>
        UpgradeWorkflow.StretchOf(stretch).Select(step => run.HasOutage ? OutageSteps.Of(step) : step).Where(step => (step.Only is null || step.Only == run.Strategy) && (run.Green.Shards.Count > 0 || step.Name == StepName.Fence) && step.Name <= LastRow(stretch, run.Request));

    /// <summary>The last row of a stretch.</summary>
    internal static StepName LastRow(UpgradeStretch stretch, UpgradeRequest request) =>
        stretch == UpgradeStretch.Everything && request.Until is { } until ? UpgradeWorkflow.RowsOf(until).To : StepName.Retire;

    /// <summary>The service with the bounds that the call asked for.</summary>
    internal static ServiceDescription Apply(UpgradeRequest request, ServiceDescription service) => service with
    {
        Limits = service.Limits with
        {
            WindowDeadline = request.WindowDeadline ?? service.Limits.WindowDeadline,
            HoldLimit = request.HoldLimit ?? service.Limits.HoldLimit,
            Soak = request.Soak ?? service.Limits.Soak,
            LagGate = request.LagGate ?? service.Limits.LagGate,
            CatchUpDeadline = request.CatchUpDeadline ?? service.Limits.CatchUpDeadline,
            ShardsAtOnce = request.ThrottleLimit ?? service.Limits.ShardsAtOnce,
        },
    };

    /// <summary>A request over an earlier one: what it names wins.</summary>
    internal static UpgradeRequest Merge(UpgradeRequest? earlier, UpgradeRequest later) => earlier is null ? later : later with
    {
        Path = later.Path ?? earlier.Path,
        TargetVersion = later.TargetVersion ?? earlier.TargetVersion,
        Until = later.Until ?? earlier.Until,
        Strategy = later.Strategy ?? earlier.Strategy,
        ShardStrategy = later.ShardStrategy ?? earlier.ShardStrategy,
        ThrottleLimit = later.ThrottleLimit ?? earlier.ThrottleLimit,
        PartOf = later.PartOf ?? earlier.PartOf,
        Consent = earlier.Consent.And(later.Consent),
        WindowDeadline = later.WindowDeadline ?? earlier.WindowDeadline,
        HoldLimit = later.HoldLimit ?? earlier.HoldLimit,
        Soak = later.Soak ?? earlier.Soak,
        LagGate = later.LagGate ?? earlier.LagGate,
        CatchUpDeadline = later.CatchUpDeadline ?? earlier.CatchUpDeadline,
    };
}
