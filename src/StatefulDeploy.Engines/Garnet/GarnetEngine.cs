using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>Garnet, in cluster mode with one shard and ACL: the embedded default, whose versions are fetched as .NET tools.</summary>
public sealed class GarnetEngine : IEngine
{
    /// <inheritdoc/>
    public string Name => "garnet";

    /// <inheritdoc/>
    public string DisplayName => "Garnet";

    /// <inheritdoc/>
    public IEnginePreflight Preflight { get; } = new GarnetPreflight();

    /// <inheritdoc/>
    public INodeProvisioner Provisioner { get; } = new GarnetProvisioner();

    /// <inheritdoc/>
    public IReplicator Replicator { get; } = new GarnetReplicator();

    /// <inheritdoc/>
    public ISwitchover Switchover { get; } = new GarnetSwitchover();

    /// <inheritdoc/>
    public INodeGate Gate { get; } = new GarnetGate();

    /// <inheritdoc/>
    public IDataComparer Comparer { get; } = new GarnetComparer();

    /// <inheritdoc/>
    public ISnapshotter Snapshotter { get; } = new GarnetSnapshotter();

    /// <inheritdoc/>
    public IDisposableCopy? Copies { get; } = new GarnetCopies();

    /// <summary>Brings up the context's source as a new, empty service that is open to everybody who reaches it: for the demo and for tests. Can be run twice.</summary>
    /// <param name="context">Its source is brought up; its target is not looked at.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UpgradeException">A port is taken, the software cannot be had, or a node does not start.</exception>
    public static Task BringUpSourceAsync(EngineContext context, CancellationToken cancellationToken) => GarnetProvisioner.BringUpSourceAsync(context, cancellationToken);
}
