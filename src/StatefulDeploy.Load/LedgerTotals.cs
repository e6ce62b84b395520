namespace StatefulDeploy.Load;

/// <summary>What the clients of a ledger have seen so far.</summary>
public sealed record LedgerTotals
{
    /// <summary>Writes that were acknowledged.</summary>
    public long Acknowledged { get; init; }

    /// <summary>Writes whose answer never came; they may have been applied.</summary>
    public long Indeterminate { get; init; }

    /// <summary>Writes that were refused with an error.</summary>
    public long FailedWrites { get; init; }

    /// <summary>Reads that were answered rightly.</summary>
    public long Reads { get; init; }

    /// <summary>Reads that were refused with an error or never answered.</summary>
    public long FailedReads { get; init; }

    /// <summary>Reads that did not find a record acknowledged before they were sent.</summary>
    public long MissingReads { get; init; }

    /// <summary>Reads of a counter below what was acknowledged before they were sent, or below what the same reader had seen.</summary>
    public long StaleReads { get; init; }

    /// <summary>Reads that found a value nobody had written.</summary>
    public long WrongReads { get; init; }

    /// <summary>Acknowledged increments whose answer contradicts what was acknowledged before: one lost or applied twice.</summary>
    public long CounterAnomalies { get; init; }

    /// <summary>Connections the other side closed or reset.</summary>
    public long DroppedConnections { get; init; }

    /// <summary>Connections given up because no answer came in time.</summary>
    public long Timeouts { get; init; }

    /// <summary>Attempts to connect that failed.</summary>
    public long FailedConnects { get; init; }

    /// <summary>Connections made anew, for whatever reason.</summary>
    public long Reconnects { get; init; }

    /// <summary>The first few things of each sort that went wrong, in words.</summary>
    public IReadOnlyList<string> Examples { get; init; } = [];

    /// <summary>What the clients of several ledgers have seen together.</summary>
    /// <param name="totals">Each ledger's.</param>
    public static LedgerTotals Of(IReadOnlyCollection<LedgerTotals> totals) => new()
    {
        Acknowledged = totals.Sum(one => one.Acknowledged),
        Indeterminate = totals.Sum(one => one.Indeterminate),
        FailedWrites = totals.Sum(one => one.FailedWrites),
        Reads = totals.Sum(one => one.Reads),
        FailedReads = totals.Sum(one => one.FailedReads),
        MissingReads = totals.Sum(one => one.MissingReads),
        StaleReads = totals.Sum(one => one.StaleReads),
        WrongReads = totals.Sum(one => one.WrongReads),
        CounterAnomalies = totals.Sum(one => one.CounterAnomalies),
        DroppedConnections = totals.Sum(one => one.DroppedConnections),
        Timeouts = totals.Sum(one => one.Timeouts),
        FailedConnects = totals.Sum(one => one.FailedConnects),
        Reconnects = totals.Sum(one => one.Reconnects),
        Examples = [.. totals.SelectMany(one => one.Examples)],
    };

    /// <summary>Whether no read failed or was wrong and no answer contradicted another. Refused writes and drops are not counted here.</summary>
    public bool Consistent => FailedReads + MissingReads + StaleReads + WrongReads + CounterAnomalies == 0;
}
