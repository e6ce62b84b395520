namespace StatefulDeploy.Model;

/// <summary>What retention did with one snapshot, or would do.</summary>
public sealed record SnapshotRetentionResult
{
    /// <summary>The id of the snapshot.</summary>
    public required string SnapshotId { get; init; }

    /// <summary>The name of the service.</summary>
    public required string Service { get; init; }

    /// <summary>The node whose data it holds.</summary>
    public required string Node { get; init; }

    /// <summary>When it was taken.</summary>
    public DateTimeOffset TakenAt { get; init; }

    /// <summary>The bytes of the data.</summary>
    public long DataBytes { get; init; }

    /// <summary>What became of it.</summary>
    public SnapshotFate Fate { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Where it is kept afterwards; empty when it was removed.</summary>
    public string Location { get; init; } = string.Empty;
}
