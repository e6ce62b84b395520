using StatefulDeploy.Contracts;

namespace StatefulDeploy.Model;

/// <summary>What flows through the pipeline: a service, its two clusters, and how far its upgrade has come. Immutable, and without secrets.</summary>
public sealed record StatefulCluster
{
    /// <summary>The name of the service.</summary>
    public required string Service { get; init; }

    /// <summary>The file that describes the service.</summary>
    public required string Path { get; init; }

    /// <summary>The name of the engine, such as <c>redis</c>.</summary>
    public required string Engine { get; init; }

    /// <summary>The version that blue runs.</summary>
    public required string Version { get; init; }

    /// <summary>The version that green runs or will run; null while none is chosen.</summary>
    public string? TargetVersion { get; init; }

    /// <summary>How far the upgrade has come; of a service that is upgraded shard by shard, how far all of its shards have.</summary>
    public ClusterState State { get; init; }

    /// <summary>The cluster that takes clients' writes, or took them last; green for a service that is upgraded shard by shard when it is for every shard.</summary>
    public ClusterColour Live { get; init; }

    /// <summary>The id of the upgrade; null before one was begun.</summary>
    public string? UpgradeId { get; init; }

    /// <summary>The name of the data class.</summary>
    public string DataClass { get; init; } = Model.DataClass.Standard.Name;

    /// <summary>The shards and nodes of blue.</summary>
    public required ClusterLayout Blue { get; init; }

    /// <summary>The shards and nodes of green; null before they were planned.</summary>
    public ClusterLayout? Green { get; init; }

    /// <summary>Where clients connect.</summary>
    public string Router { get; init; } = string.Empty;

    /// <summary>Lag in bytes when this object was made; null when nothing replicates.</summary>
    public long? LagBytes { get; init; }

    /// <summary>When writes open again by themselves, while <see cref="State"/> is <see cref="ClusterState.ReadOnly"/>.</summary>
    public DateTimeOffset? ReadOnlyUntil { get; init; }

    /// <summary>How long writes were closed by the last switch, as the orchestrator saw it; null before.</summary>
    public TimeSpan? ClosedFor { get; init; }

    /// <summary>What was consented to on the way here, so that nothing asks again inside the window.</summary>
    public UpgradeConsent Consent { get; init; } = new();

    /// <summary>How far each volume has come; empty when green is filled by replication.</summary>
    public IReadOnlyList<VolumeTransferStatus> Volumes { get; init; } = [];

    /// <summary>What the nodes answered when this object was made.</summary>
    public IReadOnlyList<NodeStatus> Nodes { get; init; } = [];

    /// <summary>How far each shard has come, of a service that is upgraded shard by shard; empty for others.</summary>
    public IReadOnlyList<ShardStatus> Shards { get; init; } = [];
}
