using System.Collections;
using StatefulDeploy.Load.Accounts;

namespace StatefulDeploy.Load.Verification;

/// <summary>What of one writer's numbers is on the service, against what the writer was told.</summary>
internal sealed class Presence(WriterAccount account, Tally tally)
{
    // Whether a number was found by its record, its list and its text: a transaction is in all of them or in none.
    private readonly Dictionary<LedgerWriteKinds, BitArray> _found = [];

    public void Record(long number, LedgerAnswer answer)
    {
        tally.Checked++;
        if (answer == LedgerAnswer.Damaged)
        {
            tally.Damaged++;
            tally.Findings.Add($"record {number} of writer {account.Client} has a value nobody wrote");
            return;
        }

        Judge(LedgerWriteKinds.Record, number, times: answer == LedgerAnswer.Done ? 1 : 0);
    }

    public void Entries(LedgerWriteKinds kind, IReadOnlyList<long> entries)
    {
        var times = Count(kind, entries);
        for (long number = 0; number < account.Count; number++)
        {
            if (account.KindsOf(number).HasFlag(kind))
            {
                tally.Checked++;
                Judge(kind, number, times[number]);
            }
        }

        Order(kind, entries);
    }

    public void Counter(long value)
    {
        long acknowledged = 0, open = 0, refused = 0;
        for (long number = 0; number < account.Count; number++)
        {
            if (account.KindsOf(number).HasFlag(LedgerWriteKinds.Counter))
            {
                tally.Checked++;
                acknowledged += account[number] == WriteState.Acknowledged ? 1 : 0;
                open += account[number] == WriteState.Sent ? 1 : 0;
                refused += account[number] == WriteState.Rejected ? 1 : 0;
            }
        }

        JudgeCounter(value, acknowledged, open, refused);
    }

    /// <summary>A transaction must be found whole or not at all.</summary>
    public void Transactions(LedgerOptions options)
    {
        if (!options.Transactions || _found.Count < 2)
        {
            return;
        }

        for (var number = 0; number < account.Count; number++)
        {
            var parts = _found.Count(found => found.Value[number]);
            if (parts != 0 && parts != _found.Count)
            {
                tally.Torn++;
                tally.Findings.Add($"transaction {number} of writer {account.Client} is there in part: {string.Join(", ", _found.Where(found => found.Value[number]).Select(found => found.Key))}");
            }
        }
    }

    private void Judge(LedgerWriteKinds kind, long number, int times)
    {
        Found(kind)[(int)number] = times > 0;
        var state = account[number];
        if (times == 0 && state == WriteState.Acknowledged)
        {
            tally.Lost++;
            tally.Findings.Add($"lost: {kind} {number} of writer {account.Client} was acknowledged and is not there");
        }

        if (times > 1)
        {
            tally.Duplicated += times - 1;
            tally.Findings.Add($"duplicated: {kind} {number} of writer {account.Client} is there {times} times");
        }

        if (times > 0 && state == WriteState.Rejected)
        {
            tally.Phantoms++;
            tally.Findings.Add($"phantom: {kind} {number} of writer {account.Client} was refused and is there");
        }

        tally.IndeterminateApplied += times > 0 && state == WriteState.Sent ? 1 : 0;
    }

    private void JudgeCounter(long value, long acknowledged, long open, long refused)
    {
        if (value < acknowledged)
        {
            tally.Lost += acknowledged - Math.Max(0, value);
            tally.Findings.Add($"lost: the counter of writer {account.Client} is {value}, acknowledged were {acknowledged}");
        }

        tally.IndeterminateApplied += Math.Clamp(value - acknowledged, 0, open);
        var over = Math.Max(0, value - acknowledged - open);
        var phantoms = Math.Min(over, refused);
        tally.Phantoms += phantoms;
        tally.Duplicated += over - phantoms;
        if (over > 0)
        {
            tally.Findings.Add($"duplicated or phantom: the counter of writer {account.Client} is {value}, acknowledged were {acknowledged}, indeterminate {open}, refused {refused}");
        }
    }

    private int[] Count(LedgerWriteKinds kind, IReadOnlyList<long> entries)
    {
        var times = new int[account.Count];
        foreach (var entry in entries)
        {
            if (entry < 0)
            {
                tally.Damaged++;
                tally.Findings.Add($"the {kind} of writer {account.Client} has an entry that is no number");
            }
            else if (entry >= account.Count || !account.KindsOf(entry).HasFlag(kind))
            {
                tally.Phantoms++;
                tally.Findings.Add($"phantom: the {kind} of writer {account.Client} has {entry}, which was never sent there");
            }
            else
            {
                times[entry]++;
            }
        }

        return times;
    }

    private void Order(LedgerWriteKinds kind, IReadOnlyList<long> entries)
    {
        long previous = -1;
        foreach (var entry in entries.Where(entry => entry >= 0 && account[entry] == WriteState.Acknowledged).Distinct())
        {
            if (entry < previous)
            {
                tally.Reordered++;
                tally.Findings.Add($"reordered: the {kind} of writer {account.Client} has {entry} after {previous}");
            }

            previous = Math.Max(previous, entry);
        }
    }

    private BitArray Found(LedgerWriteKinds kind)
    {
        if (!_found.TryGetValue(kind, out var bits))
        {
            _found[kind] = bits = new BitArray((int)account.Count);
        }

        return bits;
    }
}
