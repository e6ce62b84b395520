namespace StatefulDeploy.Contracts;

/// <summary>One thing told by an operation. Contains no secret.</summary>
/// <param name="Level">How it is shown.</param>
/// <param name="Message">The text for a person.</param>
public sealed record ReportEvent(ReportLevel Level, string Message)
{
    /// <summary>The workflow step it belongs to; null when none.</summary>
    public string? Step { get; init; }

    /// <summary>The shard it belongs to; null for the service as a whole.</summary>
    public string? Shard { get; init; }

    /// <summary>For progress: 0 to 100.</summary>
    public double? Percent { get; init; }

    /// <summary>For progress: the estimated time left; null when unknown.</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>For measurements: the lag in bytes; null when none.</summary>
    public long? LagBytes { get; init; }
}
