namespace StatefulDeploy.Contracts;

/// <summary>Which volumes or snapshots of which service.</summary>
public sealed record VolumeRequest
{
    /// <summary>The service.</summary>
    public required UpgradeRequest Service { get; init; }

    /// <summary>The name of a volume; null for all.</summary>
    public string? Volume { get; init; }

    /// <summary>The name of a node; null for all, or for the one that is described.</summary>
    public string? Node { get; init; }

    /// <summary>The id of a snapshot; null for all.</summary>
    public string? SnapshotId { get; init; }

    /// <summary>What is accepted when a volume is moved.</summary>
    public VolumeConsent Consent { get; init; } = new();

    /// <summary>Whether a snapshot goes to the archive at once.</summary>
    public bool Archive { get; init; }
}
