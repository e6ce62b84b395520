using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using Xunit.Abstractions;

namespace StatefulDeploy.Harness.Tests;

/// <summary>Readers notice what is wrong while it is wrong, also where it is right again at the end.</summary>
public sealed class LedgerReadTests(ITestOutputHelper output)
{
    // The writers finish; the readers go on.
    private static readonly LedgerOptions Reading = new() { Writers = 2, Readers = 2, WritesPerClient = 90, ReadsPerSecond = 400 };

    [ServerFact("redis-7.0")]
    public async Task A_read_that_is_refused_is_counted()
    {
        var totals = await WhileAsync(
            server => server.CallAsync("ACL", "SETUSER", "default", "-get"),
            totals => totals.FailedReads >= 3,
            server => server.CallAsync("ACL", "SETUSER", "default", "+get"));
        Assert.False(totals.Consistent);
        Assert.Contains(totals.Examples, text => text.Contains("was refused: NOPERM", StringComparison.Ordinal));
    }

    [ServerFact("redis-7.0")]
    public async Task A_read_that_does_not_find_an_acknowledged_record_is_counted()
    {
        var totals = await WhileAsync(
            server => server.CallAsync("RENAME", "{w:0}:r:87", "aside"),
            totals => totals.MissingReads >= 3,
            server => server.CallAsync("RENAME", "aside", "{w:0}:r:87"));
        Assert.False(totals.Consistent);
        Assert.Equal(0, totals.FailedReads + totals.StaleReads + totals.WrongReads);
    }

    [ServerFact("redis-7.0")]
    public async Task A_read_of_an_older_state_is_counted()
    {
        var totals = await WhileAsync(
            server => server.CallAsync("DECR", "{w:0}:n"),
            totals => totals.StaleReads >= 3,
            server => server.CallAsync("INCR", "{w:0}:n"));
        Assert.False(totals.Consistent);
        Assert.Equal(0, totals.FailedReads + totals.MissingReads + totals.WrongReads);
    }

    [ServerFact("redis-7.0")]
    public async Task A_read_of_more_than_was_ever_sent_is_counted()
    {
        var totals = await WhileAsync(
            server => server.CallAsync("INCR", "{w:0}:n"),
            totals => totals.WrongReads >= 3,
            server => server.CallAsync("DECR", "{w:0}:n"));
        Assert.False(totals.Consistent);
    }

    [ServerFact("redis-7.0")]
    public async Task A_read_of_a_changed_value_is_counted()
    {
        var totals = await WhileAsync(
            server => server.CallAsync("SETRANGE", "{w:1}:r:87", "2", "!"),
            totals => totals.WrongReads >= 3,
            server => server.CallAsync("SETRANGE", "{w:1}:r:87", "2", "8"));
        Assert.False(totals.Consistent);
    }

    [ServerFact("redis-7.0")]
    public async Task A_read_whose_connection_is_dropped_is_counted_once_for_the_read_and_once_for_the_connection()
    {
        await using var bed = new TestBed(output);
        var server = await bed.StartRedisAsync();
        var ledger = await bed.StartLedgerAsync(server.Ledger, Reading with { Readers = 1, ReadsPerSecond = 0, Pipeline = 1 });
        await ledger.WaitForQuotaAsync().WaitAsync(Filled.Soon);
        var before = ledger.Totals();
        Assert.True(before.Consistent);

        await server.CallAsync("CLIENT", "PAUSE", "60000", "ALL");
        await Task.Delay(50);
        await server.KillAsync();
        await TestBed.WaitUntilAsync(() => Task.FromResult(ledger.Totals().FailedConnects > 0), "the reader tries again", Filled.Soon);
        await ledger.StopAsync();
        var after = ledger.Totals();
        // More than once where the dying server's listener took the next connection yet.
        Assert.InRange(after.DroppedConnections, 1, 5);
        Assert.Equal(after.DroppedConnections, after.FailedReads);
    }

    [ServerFact("redis-7.0")]
    public async Task An_answer_that_contradicts_an_earlier_acknowledgement_is_counted_though_the_sum_is_right_at_the_end()
    {
        await using var bed = new TestBed(output);
        var server = await bed.StartRedisAsync();
        var ledger = await bed.StartLedgerAsync(server.Ledger, new LedgerOptions { Writers = 1, Readers = 0, Kinds = LedgerWriteKinds.Counter, WritesPerSecond = 500 });
        await ledger.WaitForWritesAsync(20, Filled.Soon);
        await server.CallAsync("DECRBY", "{w:0}:n", "3");
        await ledger.WaitForWritesAsync(20, Filled.Soon);
        await server.CallAsync("INCRBY", "{w:0}:n", "3");
        await ledger.WaitForWritesAsync(20, Filled.Soon);
        var report = await ledger.ReportAsync(server.Ledger, default);

        Assert.True(report.Totals.CounterAnomalies > 0, report.ToString());
        Assert.True(report.Verdict.Clean, report.ToString());
        Assert.False(report.Clean);
    }

    private async Task<LedgerTotals> WhileAsync(Func<RedisServer, Task> wrong, Func<LedgerTotals, bool> noticed, Func<RedisServer, Task> right)
    {
        await using var bed = new TestBed(output);
        var server = await bed.StartRedisAsync();
        var ledger = await bed.StartLedgerAsync(server.Ledger, Reading);
        await ledger.WaitForQuotaAsync().WaitAsync(Filled.Soon);
        await TestBed.WaitUntilAsync(() => Task.FromResult(ledger.Totals().Reads > 50), "readers read", Filled.Soon);
        Assert.True(ledger.Totals().Consistent, ledger.Totals().ToString());

        await wrong(server);
        await TestBed.WaitUntilAsync(() => Task.FromResult(noticed(ledger.Totals())), "the readers notice", Filled.Soon);
        await right(server);
        await ledger.StopAsync();
        var verdict = await ledger.VerifyAsync(server.Ledger);
        Assert.True(verdict.Clean, verdict.ToString());
        return ledger.Totals();
    }
}
