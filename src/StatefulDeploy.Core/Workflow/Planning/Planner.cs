using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Reuse;
using StatefulDeploy.Workflow.Steps;

namespace StatefulDeploy.Workflow.Planning;

/// <summary>Says what an upgrade will do; touches nothing.</summary>
internal static class Planner
{
    internal static async Task<UpgradePlan> PlanAsync(IPlatform platform, EngineContext context, IEngine engine, IRouter router, UpgradeRequest request, CancellationToken cancellationToken)
    {
        var findings = await PreflightInspection.InspectAsync(platform, context, engine, router, request.Consent, cancellationToken);
        var reused = ReusedLayout.IsReusing(context.Target);
        var strategy = reused ? UpgradeStrategy.VolumeReuse : request.Strategy ?? UpgradeStrategy.Mirror;
        var outage = ReusedLayout.IsOutage(context.Service, context.Source, context.Target);
        var bytes = findings.Any(finding => finding.Code == "NodeUnreachable") ? 0 : await engine.Preflight.MeasureAsync(context, cancellationToken);
        return new UpgradePlan
        {
            Service = context.Service.Name,
            Path = context.Service.Path,
            Engine = engine.DisplayName,
            Version = context.Source.Version,
            TargetVersion = context.Target.Version,
            Strategy = strategy,
            Steps = StepsOf(context, strategy),
            Findings = findings,
            Green = context.Target,
            DataBytes = bytes,
            ExtraBytes = reused ? 0 : bytes,
            ExtraNodes = reused ? 0 : context.Target.Nodes.Count(),
            ExtraMachines = context.Target.Nodes.Select(node => node.Host).Except(context.Source.Nodes.Select(node => node.Host), StringComparer.Ordinal).Count(),
            Volumes = ReuseSteps.StatusOf(null, context.Service, context.Source, context.Target),
            ExpectedGap = outage ? OutageEstimate.Of(context, bytes) : router.Promise.ExpectedGap,
            Router = router.Promise,
            WayBack = await PreflightInspection.FindWayBackAsync(context, engine, cancellationToken),
        };
    }

    private static IReadOnlyList<PlannedStep> StepsOf(EngineContext context, UpgradeStrategy strategy) =>
        [.. UpgradeWorkflow.StepsOf(strategy).Select(step => ReusedLayout.IsOutage(context.Service, context.Source, context.Target) ? OutageSteps.Of(step) : step).Select((step, index) => new PlannedStep(
            index + 1, step.Name.ToString(), step.Change(context), step.UndoText, step.Deadline(context.Service.Limits), step.Reversible, step.WritesClosed))];
}
