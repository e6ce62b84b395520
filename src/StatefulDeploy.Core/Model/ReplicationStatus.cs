namespace StatefulDeploy.Model;

/// <summary>How far one cluster has followed the other.</summary>
public sealed record ReplicationStatus
{
    /// <summary>The name of the service.</summary>
    public string Service { get; init; } = string.Empty;

    /// <summary>The cluster that is followed.</summary>
    public ClusterColour Source { get; init; }

    /// <summary>Where it stands, over all shards: the worst of them.</summary>
    public ReplicationState State { get; init; }

    /// <summary>Source's position less target's applied position, in bytes of the write stream; null when unknown.</summary>
    public long? LagBytes { get; init; }

    /// <summary>The age of the last change applied; null when unknown.</summary>
    public TimeSpan? LagTime { get; init; }

    /// <summary>Bytes of the initial copy that have arrived.</summary>
    public long CopiedBytes { get; init; }

    /// <summary>Bytes that the initial copy has to carry; null when unknown.</summary>
    public long? TotalBytes { get; init; }

    /// <summary>Whether it has ended for good and cannot be started again: a way back that is gone.</summary>
    public bool IsFinal { get; init; }

    /// <summary>What a person should know, such as why it broke; empty when all is well.</summary>
    public string Message { get; init; } = string.Empty;
}
