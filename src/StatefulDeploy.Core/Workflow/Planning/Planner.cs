using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow.Planning;

/// <summary>Says what an upgrade will do; touches nothing.</summary>
internal static class Planner
{
    internal static async Task<UpgradePlan> PlanAsync(EngineContext context, IEngine engine, IRouter router, UpgradeRequest request, CancellationToken cancellationToken)
    {
        var findings = await PreflightInspection.InspectAsync(context, engine, router, request.Consent, cancellationToken);
        return new UpgradePlan
        {
            Service = context.Service.Name,
            Path = context.Service.Path,
            Engine = engine.DisplayName,
            Version = context.Source.Version,
            TargetVersion = context.Target.Version,
            Strategy = request.Strategy ?? UpgradeStrategy.Mirror,
            Steps = StepsOf(context),
            Findings = findings,
            Green = context.Target,
            DataBytes = findings.Any(finding => finding.Code == "NodeUnreachable") ? 0 : await engine.Preflight.MeasureAsync(context, cancellationToken),
            ExtraNodes = context.Target.Nodes.Count(),
            ExpectedGap = router.Promise.ExpectedGap,
            Router = router.Promise,
            WayBack = await engine.Preflight.FindWayBackAsync(context, cancellationToken),
        };
    }

    private static IReadOnlyList<PlannedStep> StepsOf(EngineContext context) =>
        [.. UpgradeWorkflow.Steps.Select((step, index) => new PlannedStep(
            index + 1, step.Name.ToString(), step.Change(context), step.UndoText, step.Deadline(context.Service.Limits), step.Reversible, step.WritesClosed))];
}
