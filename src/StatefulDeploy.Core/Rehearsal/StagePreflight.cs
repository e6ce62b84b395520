using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Rehearsal;

/// <summary>Knows of no way back, so that a rehearsal sets none up.</summary>
internal sealed class StagePreflight : IEnginePreflight
{
    public Task<NodeStatus> ProbeAsync(Node node, EngineContext context, CancellationToken cancellationToken) => Task.FromResult(new NodeStatus { Name = node.Name });

    public Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Finding>>([]);

    public Task<ClusterLayout> PlanGreenAsync(ServiceDescription service, string version, IHostDirectory hosts, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<WayBack> FindWayBackAsync(EngineContext context, CancellationToken cancellationToken) => Task.FromResult(new WayBack(WayBackKind.None, "a rehearsal"));

    public Task<long> MeasureAsync(EngineContext context, CancellationToken cancellationToken) => Task.FromResult(0L);
}
