using StatefulDeploy.Load.Accounts;

namespace StatefulDeploy.Load.Verification;

/// <summary>The findings of a read-back, summed.</summary>
internal sealed class Tally
{
    public long Checked;
    public long Lost;
    public long Duplicated;
    public long Phantoms;
    public long Torn;
    public long Reordered;
    public long Damaged;
    public long IndeterminateApplied;

    public Findings Findings { get; } = new();

    public LedgerVerdict ToVerdict() => new()
    {
        Checked = Checked,
        Lost = Lost,
        Duplicated = Duplicated,
        Phantoms = Phantoms,
        Torn = Torn,
        Reordered = Reordered,
        Damaged = Damaged,
        IndeterminateApplied = IndeterminateApplied,
        Examples = Findings.ToList(),
    };
}
