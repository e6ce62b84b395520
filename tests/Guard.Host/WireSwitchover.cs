using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard.Host;

/// <summary>The one act of a switchover that runs inside the guard: one line to every node.</summary>
public sealed class WireSwitchover(WireGate gate) : ISwitchover
{
    public Task DemoteAsync(EngineContext context, CancellationToken cancellationToken)
    {
        context.Reporter.Report(new ReportEvent(ReportLevel.Information, $"{context.Target.Colour} follows."));
        return Task.WhenAll(context.Target.Nodes.Select(node => gate.SayAsync("DEMOTE", node, context.UpgradeId, cancellationToken)));
    }

    public Task RehearseAsync(EngineContext context, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task PrepareAsync(EngineContext context, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task EndOpenWritesAsync(EngineContext context, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ClusterPosition> ReadPositionAsync(EngineContext context, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task DrainAsync(EngineContext context, ClusterPosition position, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task FinalizeAsync(EngineContext context, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ClusterPosition> PromoteAsync(EngineContext context, CancellationToken cancellationToken) => throw new NotSupportedException();
}
