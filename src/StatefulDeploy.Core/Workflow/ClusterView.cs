using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Workflow.Steps;

namespace StatefulDeploy.Workflow;

/// <summary>The object that flows through the pipeline, made from the journal and from what the nodes answer now.</summary>
internal static class ClusterView
{
    internal static async Task<StatefulCluster> AskAsync(IPlatform platform, UpgradeSubject subject, IReporter reporter, CancellationToken cancellationToken)
    {
        var engine = platform.FindEngine(subject.Service.Engine);
        var state = subject.State ?? subject.Last;
        var green = state?.Fact<ClusterLayout>(FactName.Green) ?? new ClusterLayout(ClusterColour.Green, string.Empty, []);
        var context = subject.ContextFor(platform, green, reporter, TimeProvider.System);
        var gone = state is null || state.Ended ? (state?.State == ClusterState.Retired ? ClusterColour.Blue : ClusterColour.Green) : (ClusterColour?)null;
        var nodes = subject.Blue.Nodes.Concat(green.Nodes).Where(node => node.Colour != gone);
        var statuses = await Task.WhenAll(nodes.Select(node => engine.Preflight.ProbeAsync(node, context, cancellationToken)));
        return new StatefulCluster
        {
            Service = subject.Service.Name,
            Path = subject.Service.Path,
            Engine = subject.Service.Engine,
            Version = subject.Blue.Version,
            TargetVersion = state?.Fact(FactName.TargetVersion) ?? subject.Service.Green.Version,
            State = state?.State ?? ClusterState.Serving,
            Live = state?.Live ?? ClusterColour.Blue,
            UpgradeId = state?.UpgradeId,
            DataClass = subject.Service.DataClass.Name,
            Blue = subject.Blue,
            Green = green.Shards.Count > 0 ? green : null,
            Router = $"{subject.Service.Router.Kind} {subject.Service.Router.Listen}",
            LagBytes = await LagAsync(engine, context, state, cancellationToken),
            ReadOnlyUntil = state?.State == ClusterState.ReadOnly ? state.UpdatedAt + subject.Service.Limits.WindowDeadline : null,
            ClosedFor = state?.ClosedFor,
            Consent = state?.Fact<UpgradeConsent>(FactName.Consent) ?? new UpgradeConsent(),
            Volumes = ReuseSteps.StatusOf(state, subject.Service, subject.Blue, green),
            Nodes = statuses,
        };
    }

    private static async Task<long?> LagAsync(IEngine engine, EngineContext context, UpgradeState? state, CancellationToken cancellationToken) =>
        state is { Ended: false } && state.StatusOf(StepName.Replicate, back: false) == StepStatus.Done && state.Live == ClusterColour.Blue
            ? (await engine.Replicator.GetStatusAsync(context, cancellationToken)).LagBytes
            : null;
}
