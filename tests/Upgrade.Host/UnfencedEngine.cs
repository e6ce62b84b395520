using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Upgrade.Host;

/// <summary>An engine whose gate does not close blue, and says that it did.</summary>
internal sealed class UnfencedEngine(IEngine inner) : IEngine
{
    public string Name => inner.Name;

    public string DisplayName => inner.DisplayName;

    public IEnginePreflight Preflight => inner.Preflight;

    public INodeProvisioner Provisioner => inner.Provisioner;

    public IReplicator Replicator => inner.Replicator;

    public ISwitchover Switchover => inner.Switchover;

    public INodeGate Gate { get; } = new UnfencedGate(inner.Gate);

    public IDataComparer Comparer => inner.Comparer;

    public ISnapshotter Snapshotter => inner.Snapshotter;

    public IReadOnlyList<IEngineWorker> Workers => inner.Workers;

    private sealed class UnfencedGate(INodeGate inner) : INodeGate
    {
        public Task PrepareAsync(Node node, GateContext context, CancellationToken cancellationToken) => inner.PrepareAsync(node, context, cancellationToken);

        public Task CloseAsync(Node node, GateContext context, CancellationToken cancellationToken) =>
            node.Colour == ClusterColour.Blue ? Task.CompletedTask : inner.CloseAsync(node, context, cancellationToken);

        public Task OpenAsync(Node node, GateContext context, CancellationToken cancellationToken) => inner.OpenAsync(node, context, cancellationToken);

        public async Task<GateState> ProbeAsync(Node node, GateContext context, CancellationToken cancellationToken) =>
            node.Colour == ClusterColour.Blue ? GateState.Closed : await inner.ProbeAsync(node, context, cancellationToken);

        public Task RevokeAsync(Node node, GateContext context, CancellationToken cancellationToken) => inner.RevokeAsync(node, context, cancellationToken);
    }
}
