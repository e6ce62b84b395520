using System.Net;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using StatefulDeploy.Load.Redis;
using Xunit.Abstractions;

namespace StatefulDeploy.Harness.Tests;

/// <summary>On a service that does nothing wrong the ledger finds nothing wrong, whatever its shape.</summary>
public sealed class LedgerTests(ITestOutputHelper output)
{
    private static readonly LedgerOptions Small = new() { Writers = 4, Readers = 2, WritesPerClient = 300 };

    public static TheoryData<string, LedgerOptions> Shapes => new()
    {
        { "by turns", Small },
        { "every kind", Small with { Kinds = LedgerWriteKinds.All } },
        { "transactions", Small with { Kinds = LedgerWriteKinds.All, Transactions = true } },
        { "pipelined", Small with { Kinds = LedgerWriteKinds.All, Pipeline = 16 } },
        { "pipelined transactions of big values", Small with { Kinds = LedgerWriteKinds.All, Pipeline = 7, Transactions = true, ValueSize = 9000 } },
        { "at a rate", Small with { WritesPerSecond = 500, ReadsPerSecond = 100 } },
        { "lists longer than a page", Small with { Writers = 1, WritesPerClient = 2500, Pipeline = 50, Kinds = LedgerWriteKinds.List | LedgerWriteKinds.Append, Transactions = true } },
    };

    [ServerTheory("redis-7.0")]
    [MemberData(nameof(Shapes))]
    public async Task A_service_that_does_nothing_wrong_is_found_clean(string shape, LedgerOptions options)
    {
        await using var bed = new TestBed(output);
        var server = await bed.StartRedisAsync();
        var report = await Filled.ByAsync(bed, server.Ledger, options);

        Assert.True(report.Clean, $"{shape}: {report}");
        Assert.Equal(options.Writers * options.WritesPerClient, report.Totals.Acknowledged);
        Assert.Equal(report.Totals.Acknowledged * (options.Transactions ? int.PopCount((int)options.Kinds) : 1), report.Verdict.Checked);
        Assert.Equal(0, report.Totals.Indeterminate + report.Totals.FailedWrites + report.Totals.DroppedConnections);
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

        var report = await Filled.ByAsync(bed, server.Ledger, Small with { Kinds = LedgerWriteKinds.All, Transactions = true });
        Assert.True(report.Clean, report.ToString());
    }

    [ServerFact("redis-7.0")]
    public async Task Its_clients_sign_in_choose_a_database_and_speak_either_version_of_the_protocol()
    {
        await using var bed = new TestBed(output);
        var server = await bed.StartRedisAsync("redis-7.0", "requirepass hush", "user app on >secret ~* +@all");
        var endpoint = new RedisLedgerEndpoint(new RedisLedgerOptions { Servers = [server.EndPoint], User = "app", Password = "secret", Database = 3, Protocol = 3 });
        var report = await Filled.ByAsync(bed, endpoint, Small);

        server.Password = "hush";
        Assert.True(report.Clean, report.ToString());
        Assert.Equal("0", await server.CallAsync("DBSIZE"));
        Assert.NotEqual("0", await server.CallInAsync(3, "DBSIZE"));
    }

    [ServerFact("redis-7.0")]
    public async Task A_thousand_clients_are_no_trouble()
    {
        await using var bed = new TestBed(output);
        var server = await bed.StartRedisAsync();
        var report = await Filled.ByAsync(bed, server.Ledger, new LedgerOptions { Writers = 1000, Readers = 100, WritesPerClient = 9, WritesPerSecond = 10, ReadsPerSecond = 10 });

        Assert.True(report.Clean, report.ToString());
        Assert.Equal(9000, report.Totals.Acknowledged);
        Assert.Equal(1000, report.WriteGap.Clients);
    }

    [ServerFact("redis-7.0")]
    public async Task It_refuses_to_start_where_its_keys_are_in_use()
    {
        await using var bed = new TestBed(output);
        var server = await bed.StartRedisAsync();
        await Filled.ByAsync(bed, server.Ledger, Small);

        await Assert.ThrowsAsync<InvalidOperationException>(() => bed.StartLedgerAsync(server.Ledger, Small));
        var other = await Filled.ByAsync(bed, server.Ledger, Small with { Prefix = "other" });
        Assert.True(other.Clean, other.ToString());
    }

    [ServerFact("redis-7.0")]
    public async Task It_does_not_judge_while_the_load_goes_on()
    {
        await using var bed = new TestBed(output);
        var server = await bed.StartRedisAsync();
        var ledger = await bed.StartLedgerAsync(server.Ledger, new LedgerOptions { WritesPerSecond = 50 });
        await Assert.ThrowsAsync<InvalidOperationException>(() => ledger.VerifyAsync(server.Ledger));
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_an_error_at_the_start()
    {
        await using var bed = new TestBed(output);
        await Assert.ThrowsAsync<IOException>(() => bed.StartLedgerAsync(new RedisLedgerEndpoint(Processes.FreePort.Take()), Small));
    }

    [ServerFact("redis-7.0")]
    public async Task Clients_that_know_several_servers_follow_the_primary()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        var green = await bed.StartReplicaAsync(blue);
        EndPoint[] servers = [blue.EndPoint, green.EndPoint];
        var ledger = await bed.StartLedgerAsync(
            new RedisLedgerEndpoint(new RedisLedgerOptions { Servers = servers }),
            new LedgerOptions { Writers = 8, Readers = 2, WritesPerSecond = 200, ReconnectOn = ["READONLY", "UNBLOCKED"] });
        var from = ledger.Now;
        await ledger.WaitForWritesAsync(200, Filled.Soon);
        await blue.CallAsync("FAILOVER");
        await TestBed.WaitUntilAsync(async () => await green.InfoAsync("role") == "master", "green is primary", Filled.Soon);
        await ledger.WaitForWritesAsync(200, Filled.Soon);

        var report = await ledger.ReportAsync(green.Ledger, new LedgerInterval(from, ledger.Now));
        Assert.Equal(0, report.Verdict.Lost);
        Assert.True(report.Verdict.Clean, report.ToString());
    }
}
