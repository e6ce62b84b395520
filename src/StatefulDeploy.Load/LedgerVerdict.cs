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

    /// <summary>Whether everything acknowledged is there, once, in order, and nothing refused is.</summary>
    public bool Clean => Lost + Duplicated + Phantoms + Torn + Reordered + Damaged == 0;
}
