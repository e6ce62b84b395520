using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>The open and warm connections of one window.</summary>
internal sealed class GarnetWindow(EngineContext context) : IAsyncDisposable
{
    private readonly GarnetConnections _acts = new(new GarnetAccess(context.Service, context.Secrets), "switch");
    private readonly GarnetConnections _seconds = new(new GarnetAccess(context.Service, context.Secrets), "unblock");

    /// <summary>The names and passwords of our users.</summary>
    public GarnetAccess Access { get; } = new(context.Service, context.Secrets);

    /// <summary>Source's primary.</summary>
    public Node Source => GarnetShard.Of(context.Source).Primary;

    /// <summary>Target's primary to be.</summary>
    public Node Target => GarnetShard.Of(context.Target).Primary;

    /// <summary>A connection to a node.</summary>
    public Task<RespConnection> ToAsync(Node node, CancellationToken cancellationToken) => _acts.ToAsync(node, cancellationToken);

    /// <summary>A second connection to a node, for what must go on while the first one waits.</summary>
    public Task<RespConnection> SecondAsync(Node node, CancellationToken cancellationToken) => _seconds.ToAsync(node, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _acts.DisposeAsync();
        await _seconds.DisposeAsync();
    }
}
