using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using Xunit.Abstractions;

namespace StatefulDeploy.Harness.Tests;

/// <summary>Servers that stop, die and come back: what was acknowledged, what is open, and how long nothing was heard.</summary>
public sealed class LedgerFaultTests(ITestOutputHelper output)
{
    private static readonly LedgerOptions Steady = new() { Writers = 8, Readers = 4, WritesPerSecond = 200, ReadsPerSecond = 200 };

    [ServerFact("redis-7.0")]
    public async Task A_server_that_keeps_nothing_loses_what_it_acknowledged_and_the_ledger_says_so()
    {
        var report = await KilledAsync(Steady, "appendonly no");
        Assert.True(report.Verdict.Lost > 100, report.ToString());
        Assert.True(report.Totals.DroppedConnections >= 12, report.ToString());
    }

    [ServerFact("redis-7.0")]
    public async Task A_server_that_writes_before_it_acknowledges_loses_nothing_and_is_not_accused()
    {
        var report = await KilledAsync(Steady with { Kinds = LedgerWriteKinds.All }, "appendonly yes", "appendfsync always");
        Assert.True(report.Verdict.Clean, report.ToString());
        Assert.Equal(0, report.Totals.MissingReads + report.Totals.StaleReads + report.Totals.WrongReads + report.Totals.CounterAnomalies);
        Assert.True(report.Totals.DroppedConnections >= 12, report.ToString());
    }

    [ServerFact("redis-7.0")]
    public async Task A_write_whose_answer_did_not_come_in_time_may_be_there_or_not()
    {
        await using var bed = new TestBed(output);
        var server = await bed.StartRedisAsync();
        var ledger = await bed.StartLedgerAsync(server.Ledger, Steady with { Timeout = TimeSpan.FromMilliseconds(200), Readers = 0 });
        await ledger.WaitForWritesAsync(100, Filled.Soon);
        await server.SuspendAsync();
        await TestBed.WaitUntilAsync(() => Task.FromResult(ledger.Totals().Timeouts >= 8), "every client gives up", Filled.Soon);
        server.Continue();
        await ledger.WaitForWritesAsync(100, Filled.Soon);

        var report = await ledger.ReportAsync(server.Ledger, default);
        Assert.True(report.Clean, report.ToString());
        Assert.True(report.Totals.Indeterminate >= 8, report.ToString());
        Assert.True(report.Verdict.IndeterminateApplied > 0, report.ToString());
    }

    [ServerFact("redis-7.0")]
    public async Task A_silence_is_as_long_as_the_clients_found_it()
    {
        await using var bed = new TestBed(output);
        var server = await bed.StartRedisAsync();
        var ledger = await bed.StartLedgerAsync(server.Ledger, Steady);
        await ledger.WaitForWritesAsync(500, Filled.Soon);
        var from = ledger.Now;
        await server.SuspendAsync();
        await Task.Delay(400);
        server.Continue();
        await ledger.WaitForWritesAsync(100, Filled.Soon);
        var to = ledger.Now;
        var silence = TimeProvider.System.GetElapsedTime(from, to).TotalMilliseconds;
        await Task.Delay(500);
        var later = ledger.Now;
        await ledger.WaitForWritesAsync(500, Filled.Soon);

        var report = await ledger.ReportAsync(server.Ledger, new LedgerInterval(from, to));
        Assert.True(report.Clean, report.ToString());
        Assert.InRange(report.WriteGap.P50, 350, silence + 100);
        Assert.InRange(report.ReadGap.P50, 350, silence + 100);
        Assert.True(GapSummary.Of(ledger.WriteGaps(new LedgerInterval(later, ledger.Now))).P50 < 200, "the silence counted outside its interval");
    }

    [ServerFact("redis-7.0")]
    public async Task Writes_may_be_silent_while_reads_go_on()
    {
        await using var bed = new TestBed(output);
        var server = await bed.StartRedisAsync();
        var ledger = await bed.StartLedgerAsync(server.Ledger, Steady);
        await ledger.WaitForWritesAsync(500, Filled.Soon);
        var from = ledger.Now;
        await server.CallAsync("CLIENT", "PAUSE", "500", "WRITE");
        await ledger.WaitForWritesAsync(100, Filled.Soon);

        var report = await ledger.ReportAsync(server.Ledger, new LedgerInterval(from, ledger.Now));
        Assert.True(report.WriteGap.P50 >= 400, report.ToString());
        Assert.True(report.ReadGap.P50 < 300, report.ToString());
    }

    private async Task<LedgerReport> KilledAsync(LedgerOptions options, params string[] settings)
    {
        await using var bed = new TestBed(output);
        var server = await bed.StartRedisAsync("redis-7.0", settings);
        var ledger = await bed.StartLedgerAsync(server.Ledger, options);
        await ledger.WaitForWritesAsync(500, Filled.Soon);
        await server.KillAsync();
        await server.StartAsync();
        await ledger.WaitForWritesAsync(200, Filled.Soon);
        return await ledger.ReportAsync(server.Ledger, default);
    }
}
