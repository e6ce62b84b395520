using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using Xunit.Abstractions;

namespace StatefulDeploy.Harness.Tests;

/// <summary>A checker that cannot fail is a defect: each mistake of a service is made here, behind the ledger's back.</summary>
public sealed class LedgerTests(ITestOutputHelper output)
{
    private static readonly LedgerOptions Small = new() { Writers = 4, Readers = 2, WritesPerClient = 300 };
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    public static TheoryData<LedgerOptions> Shapes => new()
    {
        Small,
        Small with { Kinds = LedgerWriteKinds.All },
        Small with { Kinds = LedgerWriteKinds.All, Transactions = true },
        Small with { Kinds = LedgerWriteKinds.All, Pipeline = 16 },
        Small with { Kinds = LedgerWriteKinds.All, Pipeline = 7, Transactions = true, ValueSize = 9000 },
        Small with { WritesPerSecond = 500, ReadsPerSecond = 100 },
    };

    [ServerTheory("redis-7.0")]
    [MemberData(nameof(Shapes))]
    public async Task A_service_that_does_nothing_wrong_is_found_clean(LedgerOptions options)
    {
        await using var bed = new TestBed(output);
        var server = await bed.StartRedisAsync();
        var report = await FillAsync(bed, server, options, tamper: null);

        Assert.True(report.Clean, report.ToString());
        Assert.Equal(4 * 300, report.Totals.Acknowledged);
        Assert.True(report.Totals.Reads > 0, report.ToString());
        Assert.Equal(4 * 300 * (options.Transactions ? 4 : 1), report.Verdict.Checked);
    }

    [Theory]
    [ServerData("redis-8.0")]
    [ServerData("valkey-8.1")]
    [ServerData("garnet-2.2.2")]
    [ServerData("garnet-2.2.8")]
    public async Task A_ledger_can_be_kept_on_every_engine_of_the_family(string name)
    {
        await using var bed = new TestBed(output);
        RespServer server = name.StartsWith("garnet", StringComparison.Ordinal) ? await bed.StartGarnetAsync(name) : await bed.StartRedisAsync(name);
        if (server is GarnetServer)
        {
            await server.CallAsync("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        }

        var report = await FillAsync(bed, server, Small with { Kinds = LedgerWriteKinds.All, Transactions = true }, tamper: null);
        Assert.True(report.Clean, report.ToString());
    }

    [ServerFact("redis-7.0")]
    public async Task A_lost_record_is_found()
    {
        var report = await TamperAsync(Small, server => server.CallAsync("DEL", "{w:1}:r:3"));
        Assert.Equal(1, report.Verdict.Lost);
        Assert.Contains("lost: Record 3 of writer 1", report.ToString(), StringComparison.Ordinal);
    }

    private async Task<LedgerReport> TamperAsync(LedgerOptions options, Func<RedisServer, Task> tamper)
    {
        await using var bed = new TestBed(output);
        var server = await bed.StartRedisAsync();
        return await FillAsync(bed, server, options, () => tamper(server));
    }

    private static async Task<LedgerReport> FillAsync(TestBed bed, RespServer server, LedgerOptions options, Func<Task>? tamper)
    {
        var ledger = await bed.StartLedgerAsync(server.Ledger, options);
        var begun = ledger.Now;
        await ledger.WaitForQuotaAsync().WaitAsync(Soon);
        await ledger.StopAsync();
        if (tamper is not null)
        {
            await tamper();
        }

        return await ledger.ReportAsync(server.Ledger, new LedgerInterval(begun, ledger.Now));
    }
}
