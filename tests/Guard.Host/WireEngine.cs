using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard.Host;

/// <summary>An engine that has a gate and nothing else.</summary>
public sealed class WireEngine : IEngine
{
    public string Name => "wire";

    public string DisplayName => "Wire";

    public INodeGate Gate { get; } = new WireGate();

    public IEnginePreflight Preflight => throw new NotSupportedException();

    public INodeProvisioner Provisioner => throw new NotSupportedException();

    public IReplicator Replicator => throw new NotSupportedException();

    public ISwitchover Switchover => throw new NotSupportedException();

    public IDataComparer Comparer => throw new NotSupportedException();

    public ISnapshotter Snapshotter => throw new NotSupportedException();
}
