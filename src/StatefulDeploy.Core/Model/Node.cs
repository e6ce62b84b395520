namespace StatefulDeploy.Model;

/// <summary>One server process of a cluster. Holds no secret, and can be written to a journal.</summary>
public sealed record Node
{
    /// <summary>The name of the node, unique in its cluster.</summary>
    public required string Name { get; init; }

    /// <summary>What it does in its shard, as described; what it does now is found by probing.</summary>
    public NodeRole Role { get; init; }

    /// <summary>Where clients and replicas reach it.</summary>
    public required NodeEndpoint Endpoint { get; init; }

    /// <summary>The name of the host on which its commands run; <c>local</c> is this machine.</summary>
    public string Host { get; init; } = "local";

    /// <summary>The engine version that it runs, such as <c>7.0</c> or <c>2.2.8</c>.</summary>
    public required string Version { get; init; }

    /// <summary>Where its data lies on its host; null when the engine is to be asked.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Its configuration file on its host; null when the engine is to be asked, or has none.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>The volume that brings its data to it when an upgrade reuses volumes; null for a node that is filled by replication.</summary>
    public string? Volume { get; init; }

    /// <summary>Where that lies which we make for it and which is not its data, on a disk that stays in its machine; null for its data directory.</summary>
    public string? WorkDirectory { get; init; }

    /// <summary>The program and arguments that start it, such as a service manager's; empty for the way in which it was found running.</summary>
    public IReadOnlyList<string> Start { get; init; } = [];

    /// <summary>The program and arguments that stop it for good, such as a service manager's; empty for the engine's own means.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Which cluster it belongs to.</summary>
    public ClusterColour Colour { get; init; }

    /// <summary>What only its engine understands, by name. Never a secret.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The node's name and endpoint.</summary>
    public override string ToString() => $"{Name} ({Endpoint})";
}
