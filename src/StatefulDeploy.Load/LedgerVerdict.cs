namespace StatefulDeploy.Load;

/// <summary>What is on the service after the load, against what the clients were told.</summary>
public sealed record LedgerVerdict
{
    /// <summary>Writes whose presence was looked up.</summary>
    public long Checked { get; init; }

    /// <summary>Acknowledged writes that are not there.</summary>
    public long Lost { get; init; }

    /// <summary>Writes that were applied more than once.</summary>
    public long Duplicated { get; init; }

    /// <summary>Writes that were refused with an error, or never sent, and are there all the same.</summary>
    public long Phantoms { get; init; }

    /// <summary>Transactions of which only a part is there.</summary>
    public long Torn { get; init; }

    /// <summary>Acknowledged writes of one client that were applied in another order than they were acknowledged in.</summary>
    public long Reordered { get; init; }

    /// <summary>Values that nobody wrote.</summary>
    public long Damaged { get; init; }

    /// <summary>Indeterminate writes that turned out to be there.</summary>
    public long IndeterminateApplied { get; init; }

    /// <summary>The first few findings of each sort, in words.</summary>
    public IReadOnlyList<string> Examples { get; init; } = [];

    /// <summary>What is on the services of several ledgers together.</summary>
    /// <param name="verdicts">Each ledger's.</param>
    public static LedgerVerdict Of(IReadOnlyCollection<LedgerVerdict> verdicts) => new()
    {
        Checked = verdicts.Sum(one => one.Checked),
        Lost = verdicts.Sum(one => one.Lost),
        Duplicated = verdicts.Sum(one => one.Duplicated),
        Phantoms = verdicts.Sum(one => one.Phantoms),
        Torn = verdicts.Sum(one => one.Torn),
        Reordered = verdicts.Sum(one => one.Reordered),
        Damaged = verdicts.Sum(one => one.Damaged),
        IndeterminateApplied = verdicts.Sum(one => one.IndeterminateApplied),
        Examples = [.. verdicts.SelectMany(one => one.Examples)],
    };

    /// <summary>Whether everything acknowledged is there, once, in order, and nothing refused is.</summary>
    public bool Clean => Lost + Duplicated + Phantoms + Torn + Reordered + Damaged == 0;
}
