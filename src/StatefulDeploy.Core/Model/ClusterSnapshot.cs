namespace StatefulDeploy.Model;

/// <summary>A restorable copy of one node's data.</summary>
public sealed record ClusterSnapshot
{
    /// <summary>Its id: the node and the moment.</summary>
    public required string SnapshotId { get; init; }

    /// <summary>The name of the service.</summary>
    public required string Service { get; init; }

    /// <summary>The file that describes the service.</summary>
    public string Path { get; init; } = string.Empty;

    /// <summary>The node whose data it holds.</summary>
    public required string Node { get; init; }

    /// <summary>The host that has it.</summary>
    public string Host { get; init; } = string.Empty;

    /// <summary>The volume on which the data lies; empty when it lies on none that is described.</summary>
    public string Volume { get; init; } = string.Empty;

    /// <summary>The version of the engine that wrote the data.</summary>
    public required string Version { get; init; }

    /// <summary>Where it is kept.</summary>
    public SnapshotKind Kind { get; init; }

    /// <summary>How it was made.</summary>
    public SnapshotMeans Means { get; init; }

    /// <summary>Whether the node served while it was taken.</summary>
    public bool Live { get; init; }

    /// <summary>When it was taken.</summary>
    public DateTimeOffset TakenAt { get; init; }

    /// <summary>The bytes of the data; of an archived one too, where the file is smaller.</summary>
    public long DataBytes { get; init; }

    /// <summary>The bytes of the archive; 0 for a hot one.</summary>
    public long StoredBytes { get; init; }

    /// <summary>How many files the data has.</summary>
    public int Files { get; init; }

    /// <summary>The folder or the file that holds it, on its host.</summary>
    public string Location { get; init; } = string.Empty;

    /// <summary>The SHA-256 of the archive in lower-case hexadecimal; empty for a hot one.</summary>
    public string Sha256 { get; init; } = string.Empty;

    /// <summary>Whether it can be restored, as far as can be told without reading all of it.</summary>
    public bool Good { get; init; } = true;

    /// <summary>Why it cannot be restored; empty when it can.</summary>
    public string Message { get; init; } = string.Empty;
}
