using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Rehearsal;

/// <summary>An engine that does nothing, in its own time: each act ends later than its call returns, as real ones do.</summary>
internal sealed class StageEngine : IEngine, ISwitchover, INodeGate
{
    private static readonly ClusterPosition Position = new(new Dictionary<string, string>(StringComparer.Ordinal) { ["stage"] = "0" });

    public string Name => "stage";

    public string DisplayName => "Stage";

    public IEnginePreflight Preflight { get; } = new StagePreflight();

    public INodeProvisioner Provisioner => throw new NotSupportedException();

    public IReplicator Replicator => throw new NotSupportedException();

    public ISwitchover Switchover => this;

    public INodeGate Gate => this;

    public IDataComparer Comparer => throw new NotSupportedException();

    public ISnapshotter Snapshotter => throw new NotSupportedException();

    Task ISwitchover.RehearseAsync(EngineContext context, CancellationToken cancellationToken) => LaterAsync();

    public Task PrepareAsync(EngineContext context, CancellationToken cancellationToken) => LaterAsync();

    public Task EndOpenWritesAsync(EngineContext context, CancellationToken cancellationToken) => LaterAsync();

    public Task<ClusterPosition> ReadPositionAsync(EngineContext context, CancellationToken cancellationToken) => LaterAsync(Position);

    public Task DrainAsync(EngineContext context, ClusterPosition position, CancellationToken cancellationToken) => LaterAsync();

    public Task FinalizeAsync(EngineContext context, CancellationToken cancellationToken) => LaterAsync();

    public Task<ClusterPosition> PromoteAsync(EngineContext context, CancellationToken cancellationToken) => LaterAsync(Position);

    public Task DemoteAsync(EngineContext context, CancellationToken cancellationToken) => LaterAsync();

    public Task PrepareAsync(Node node, GateContext context, CancellationToken cancellationToken) => LaterAsync();

    public Task CloseAsync(Node node, GateContext context, CancellationToken cancellationToken) => LaterAsync();

    public Task OpenAsync(Node node, GateContext context, CancellationToken cancellationToken) => LaterAsync();

    public Task<GateState> ProbeAsync(Node node, GateContext context, CancellationToken cancellationToken) => LaterAsync(GateState.Closed);

    public Task RevokeAsync(Node node, GateContext context, CancellationToken cancellationToken) => LaterAsync();

    private static async Task LaterAsync() => await Task.Yield();

    private static async Task<T> LaterAsync<T>(T value)
    {
        await Task.Yield();
        return value;
    }
}
