using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using Xunit.Abstractions;

namespace StatefulDeploy.Harness.Tests;

/// <summary>A checker that cannot fail is a defect: each mistake of a service is made here, on a real one, behind the ledger's back.</summary>
public sealed class LedgerVerdictTests(ITestOutputHelper output)
{
    // By turns: number 0 is a record, 1 an increment, 2 a list's entry, 3 an appended one, 4 a record…
    private static readonly LedgerOptions ByTurns = new() { Writers = 3, Readers = 0, WritesPerClient = 200, Kinds = LedgerWriteKinds.All };
    private static readonly LedgerOptions Together = ByTurns with { Transactions = true };

    [ServerFact("redis-7.0")]
    public async Task A_lost_record_is_found()
    {
        var report = await TamperedAsync(ByTurns, server => server.CallAsync("DEL", "{w:1}:r:4"));
        Only(report, new LedgerVerdict { Lost = 1 });
        Assert.Contains("lost: Record 4 of writer 1", report.ToString(), StringComparison.Ordinal);
    }

    [ServerFact("redis-7.0")]
    public async Task A_lost_increment_is_found() =>
        Only(await TamperedAsync(ByTurns, server => server.CallAsync("DECR", "{w:0}:n")), new LedgerVerdict { Lost = 1 });

    [ServerFact("redis-7.0")]
    public async Task An_increment_applied_twice_is_found() =>
        Only(await TamperedAsync(ByTurns, server => server.CallAsync("INCR", "{w:0}:n")), new LedgerVerdict { Duplicated = 1 });

    [ServerFact("redis-7.0")]
    public async Task A_lost_and_a_repeated_increment_do_not_cancel_each_other_where_lists_are_kept_too() =>
        Only(
            await TamperedAsync(ByTurns, async server =>
            {
                await server.CallAsync("LREM", "{w:2}:l", "1", "2");
                await server.CallAsync("LPUSH", "{w:2}:l", "198");
            }),
            new LedgerVerdict { Lost = 1, Duplicated = 1 });

    [ServerFact("redis-7.0")]
    public async Task A_push_applied_twice_is_found() =>
        Only(await TamperedAsync(ByTurns, server => server.CallAsync("LPUSH", "{w:2}:l", "198")), new LedgerVerdict { Duplicated = 1 });

    [ServerFact("redis-7.0")]
    public async Task An_append_applied_twice_is_found() =>
        Only(await TamperedAsync(ByTurns, server => server.CallAsync("APPEND", "{w:2}:a", "199,")), new LedgerVerdict { Duplicated = 1 });

    [ServerFact("redis-7.0")]
    public async Task A_lost_append_is_found() =>
        Only(await TamperedAsync(ByTurns, server => server.CallAsync("SETRANGE", "{w:2}:a", "0", ",")), new LedgerVerdict { Lost = 1 });

    [ServerFact("redis-7.0")]
    public async Task A_changed_value_is_found() =>
        Only(await TamperedAsync(ByTurns, server => server.CallAsync("SETRANGE", "{w:1}:r:8", "10", "x")), new LedgerVerdict { Damaged = 1 });

    [ServerFact("redis-7.0")]
    public async Task An_entry_that_was_never_sent_is_found() =>
        Only(await TamperedAsync(ByTurns, server => server.CallAsync("LPUSH", "{w:1}:l", "100000")), new LedgerVerdict { Phantoms = 1 });

    [ServerFact("redis-7.0")]
    public async Task An_entry_that_was_applied_too_late_is_found() =>
        Only(
            await TamperedAsync(ByTurns, async server =>
            {
                await server.CallAsync("LREM", "{w:2}:l", "1", "2");
                await server.CallAsync("LPUSH", "{w:2}:l", "2");
            }),
            new LedgerVerdict { Reordered = 1 });

    [ServerFact("redis-7.0")]
    public async Task A_transaction_of_which_a_part_is_missing_is_found() =>
        Only(await TamperedAsync(Together, server => server.CallAsync("LREM", "{w:1}:l", "1", "17")), new LedgerVerdict { Lost = 1, Torn = 1 });

    [ServerFact("redis-7.0")]
    public async Task A_whole_dataset_gone_is_found()
    {
        var report = await TamperedAsync(ByTurns, server => server.CallAsync("FLUSHALL"));
        Only(report, new LedgerVerdict { Lost = 600 });
    }

    [ServerFact("redis-7.0")]
    public async Task A_refused_write_counts_as_refused_and_not_as_lost()
    {
        await using var bed = new TestBed(output);
        var server = await bed.StartRedisAsync("redis-7.0", "min-replicas-to-write 1");
        var report = await Filled.ByAsync(bed, server.Ledger, ByTurns);
        Assert.Equal(600, report.Totals.FailedWrites);
        Assert.Equal(0, report.Totals.Acknowledged);
        Only(report, new LedgerVerdict());
    }

    [ServerFact("redis-7.0")]
    public async Task A_refused_write_that_is_there_all_the_same_is_found()
    {
        await using var bed = new TestBed(output);
        var server = await bed.StartRedisAsync("redis-7.0", "min-replicas-to-write 1");
        var report = await Filled.ByAsync(bed, server.Ledger, ByTurns, async () =>
        {
            await server.CallAsync("CONFIG", "SET", "min-replicas-to-write", "0");
            await server.CallAsync("LPUSH", "{w:1}:l", "2");
            await server.CallAsync("INCR", "{w:0}:n");
        });
        Only(report, new LedgerVerdict { Phantoms = 2 });
    }

    private async Task<LedgerReport> TamperedAsync(LedgerOptions options, Func<RedisServer, Task> tamper)
    {
        await using var bed = new TestBed(output);
        var server = await bed.StartRedisAsync();
        return await Filled.ByAsync(bed, server.Ledger, options, () => tamper(server));
    }

    /// <summary>These findings and no others.</summary>
    private static void Only(LedgerReport report, LedgerVerdict expected)
    {
        var found = report.Verdict with { Checked = 0, Examples = expected.Examples };
        Assert.True(found == expected, $"expected {expected}, found {report}");
        Assert.Equal(expected.Clean, report.Verdict.Clean);
        Assert.Equal(expected.Clean, report.Clean);
    }
}
