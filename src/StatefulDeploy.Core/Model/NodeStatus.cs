namespace StatefulDeploy.Model;

/// <summary>What a node answered when it was asked just now.</summary>
public sealed record NodeStatus
{
    /// <summary>The node's name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it answered.</summary>
    public bool Reachable { get; init; }

    /// <summary>The version that it reports.</summary>
    public string Version { get; init; } = string.Empty;

    /// <summary>The role that it has now; null when unknown.</summary>
    public NodeRole? Role { get; init; }

    /// <summary>Whether client writes are accepted now; null when unknown.</summary>
    public bool? Writable { get; init; }

    /// <summary>Bytes of data that it holds, as the engine counts them; null when unknown.</summary>
    public long? DataBytes { get; init; }

    /// <summary>Connections of clients, ours and replicas' left out; null when unknown.</summary>
    public int? Clients { get; init; }

    /// <summary>What a person should know; why it was not reachable.</summary>
    public string Message { get; init; } = string.Empty;
}
