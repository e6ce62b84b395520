using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard.Host;

/// <summary>An engine that has a gate, and the acts that the guard runs for it; nothing else.</summary>
public sealed class WireEngine : IEngine
{
    private readonly WireGate _gate = new();

    public WireEngine() => Switchover = new WireSwitchover(_gate);

    public string Name => "wire";

    public string DisplayName => "Wire";

    public INodeGate Gate => _gate;

    public IEnginePreflight Preflight => throw new NotSupportedException();

    public INodeProvisioner Provisioner => throw new NotSupportedException();

    public IReplicator Replicator => throw new NotSupportedException();

    public ISwitchover Switchover { get; }

    public IDataComparer Comparer => throw new NotSupportedException();

    public ISnapshotter Snapshotter => throw new NotSupportedException();
}
