namespace StatefulDeploy.Contracts;

/// <summary>How a comparison runs.</summary>
public sealed record ComparisonOptions
{
    /// <summary>Differences reported in full; all are counted.</summary>
    public int MaxDifferences { get; init; } = 100;

    /// <summary>Expiry times may differ by this much.</summary>
    public TimeSpan ExpiryTolerance { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A file in which progress is kept, so that a stopped comparison goes on; null to start over each time.</summary>
    public string? CheckpointFile { get; init; }
}
