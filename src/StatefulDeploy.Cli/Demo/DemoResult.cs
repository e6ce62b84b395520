namespace StatefulDeploy.Cli.Demo;

/// <summary>What a demo's clients saw: the figures it is about. Times are milliseconds.</summary>
internal sealed record DemoResult
{
    /// <summary>The engine.</summary>
    public required string Engine { get; init; }

    /// <summary>The version that was left.</summary>
    public required string From { get; init; }

    /// <summary>The version that was gone to.</summary>
    public required string To { get; init; }

    /// <summary>The strategy.</summary>
    public required string Strategy { get; init; }

    /// <summary>Shards that were upgraded.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>Clients that wrote.</summary>
    public int Clients { get; init; }

    /// <summary>Keys that were there beforehand.</summary>
    public int Keys { get; init; }

    /// <summary>Writes that were acknowledged.</summary>
    public long Acked { get; init; }

    /// <summary>Acknowledged writes that were not found afterwards.</summary>
    public long Lost { get; init; }

    /// <summary>Writes that were applied more than once.</summary>
    public long Duplicated { get; init; }

    /// <summary>Other contradictions: phantoms, torn transactions, wrong order or values.</summary>
    public long Damaged { get; init; }

    /// <summary>Reads that were answered rightly.</summary>
    public long Reads { get; init; }

    /// <summary>Reads that failed, or were answered wrongly.</summary>
    public long FailedReads { get; init; }

    /// <summary>Writes that were refused.</summary>
    public long FailedWrites { get; init; }

    /// <summary>Writes whose answer never came.</summary>
    public long Indeterminate { get; init; }

    /// <summary>Connections that the service dropped.</summary>
    public long DroppedConnections { get; init; }

    /// <summary>The longest time between two acknowledgements of any writer during the switch.</summary>
    public double GapMs { get; init; }

    /// <summary>The same of the median writer.</summary>
    public double GapP50Ms { get; init; }

    /// <summary>The longest time between two answers of any reader during the switch.</summary>
    public double ReadGapMs { get; init; }

    /// <summary>The longest time between two acknowledgements of any writer before the upgrade began: what this machine does by itself.</summary>
    public double NoiseGapMs { get; init; }

    /// <summary>How long writes were closed, as the orchestrator saw it, of several shards for the one that waited longest; null when it is not known.</summary>
    public double? ClosedMs { get; init; }

    /// <summary>With --undo: the longest time between two acknowledgements of any writer during the way back; null without.</summary>
    public double? UndoGapMs { get; init; }

    /// <summary>The report's page.</summary>
    public required string Report { get; init; }

    /// <summary>What went wrong, in words.</summary>
    public IReadOnlyList<string> Findings { get; init; } = [];

    /// <summary>Whether nothing was lost and nothing failed.</summary>
    public bool Passed => Lost + Duplicated + Damaged + FailedReads + FailedWrites + Indeterminate + DroppedConnections == 0;
}
