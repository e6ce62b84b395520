namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>What came of one run of a case.</summary>
internal sealed record FaultRow
{
    public required string Case { get; init; }

    /// <summary><c>resume</c> or <c>undo</c>: how it was ended.</summary>
    public required string Ending { get; init; }

    /// <summary>Which cluster took writes when nobody but the guard had acted.</summary>
    public string After { get; init; } = string.Empty;

    /// <summary>Which cluster took writes at the end.</summary>
    public string End { get; init; } = string.Empty;

    /// <summary>The id of the error with which the upgrade ended; empty when nobody was left to tell, or it got over it.</summary>
    public string Said { get; init; } = string.Empty;

    public long Acknowledged { get; init; }

    public long ReadsFailed { get; init; }

    public long WritesRefused { get; init; }

    public long Indeterminate { get; init; }

    public long Dropped { get; init; }

    public long Lost { get; init; }

    public long Duplicated { get; init; }

    /// <summary>How often a volume was seen mounted in two places at once.</summary>
    public int MountedTwice { get; init; }

    /// <summary>The longest time that a writer waited for an acknowledgement.</summary>
    public double GapSeconds { get; init; }

    /// <summary>The promise that was broken; empty when none was.</summary>
    public string Broken { get; init; } = string.Empty;
}
