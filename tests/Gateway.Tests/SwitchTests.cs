using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using StatefulDeploy.Load.Redis;
using StatefulDeploy.Protocols.Resp;
using Xunit.Abstractions;

namespace StatefulDeploy.Gateway.Tests;

public sealed class SwitchTests(ITestOutputHelper output)
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(20);

    [ServerFact("redis-7.0")]
    public Task Nothing_acknowledged_is_lost_doubled_or_reordered_over_many_switches() => KeepLedgerAsync(new LedgerOptions
    {
        Writers = 16,
        Readers = 4,
        Kinds = LedgerWriteKinds.Record | LedgerWriteKinds.Counter | LedgerWriteKinds.List | LedgerWriteKinds.Append,
    });

    [ServerFact("redis-7.0")]
    public Task Pipelined_writes_are_kept_over_many_switches() => KeepLedgerAsync(new LedgerOptions { Writers = 8, Readers = 4, Pipeline = 32 });

    [ServerFact("redis-7.0")]
    public Task Transactions_are_kept_whole_over_many_switches() => KeepLedgerAsync(new LedgerOptions { Writers = 8, Readers = 4, Transactions = true, Pipeline = 4 });

    [ServerFact("redis-7.0")]
    public Task Clients_of_protocol_3_are_kept_over_many_switches() => KeepLedgerAsync(new LedgerOptions { Writers = 8, Readers = 4 }, protocol: 3);

    [ServerFact("redis-7.0")]
    public async Task Reads_go_over_first_and_writes_follow_with_the_switch()
    {
        await using var bed = new TestBed(output);
        var (blue, green) = await StartPairAsync(bed);
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var reader = await gateway.ConnectAsync();
        await using var writer = await gateway.ConnectAsync();
        await writer.ExecuteAsync(["SET", "a", "1"], None);
        await gateway.PrepareAsync(1, green);
        await gateway.HoldAsync(1);
        await Switchover.DrainAsync(blue, green);
        await gateway.ReadsAsync(1, green);
        await blue.StopAsync();
        Assert.Equal("1", (await reader.ExecuteAsync(["GET", "a"], None)).AsString());
        var write = writer.ExecuteAsync(["INCR", "a"], None);
        await gateway.WaitHeldAsync(1);
        await Switchover.PromoteAsync(green);
        await gateway.SwitchAsync(1, green);
        await gateway.SwitchAsync(1, green);
        Assert.Equal(2, (await write).AsInt64());
        Assert.Equal("2", (await reader.ExecuteAsync(["GET", "a"], None)).AsString());
        Assert.Equal(0, await gateway.CounterAsync("lostAnswers"));
    }

    [ServerFact("redis-7.0")]
    public async Task A_release_after_the_reads_went_over_brings_them_back()
    {
        await using var bed = new TestBed(output);
        var (blue, green) = await StartPairAsync(bed);
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var client = await gateway.ConnectAsync();
        await gateway.PrepareAsync(1, green);
        await gateway.HoldAsync(1);
        await gateway.ReadsAsync(1, green);
        Assert.Contains($"tcp_port:{green.Port}", (await client.ExecuteAsync(["INFO", "server"], None)).AsString());
        await gateway.ReleaseAsync(2);
        Assert.Contains($"tcp_port:{blue.Port}", (await client.ExecuteAsync(["INFO", "server"], None)).AsString());
        await client.ExecuteAsync(["SET", "a", "1"], None);
    }

    [ServerFact("redis-7.0")]
    public async Task A_hold_that_ends_by_itself_after_the_reads_went_over_goes_on_there()
    {
        await using var bed = new TestBed(output);
        var (blue, green) = await StartPairAsync(bed);
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var client = await gateway.ConnectAsync();
        await gateway.HoldAsync(1, deadlineMs: 2_000);
        await gateway.ReadsAsync(1, green);
        await Switchover.PromoteAsync(green);
        Assert.Equal("OK", (await client.ExecuteAsync(["SET", "a", "1"], None)).AsString());
        Assert.Equal("1", await green.CallAsync("GET", "a"));
        Assert.Equal(GatewayUnderTest.Of(green), (await gateway.StatusAsync())["target"]!.GetValue<string>());
    }

    [ServerFact("redis-7.0")]
    public async Task A_gateway_killed_after_the_reads_went_over_reads_from_there_when_it_comes_back()
    {
        await using var bed = new TestBed(output);
        var (blue, green) = await StartPairAsync(bed);
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await gateway.HoldAsync(3);
        await gateway.ReadsAsync(3, green);
        await gateway.Process.KillAsync();
        await gateway.StartAsync();
        await using var client = await gateway.ConnectAsync();
        Assert.Contains($"tcp_port:{green.Port}", (await client.ExecuteAsync(["INFO", "server"], None)).AsString());
        var write = client.ExecuteAsync(["SET", "a", "1"], None);
        await gateway.WaitHeldAsync(1);
        await Switchover.PromoteAsync(green);
        await gateway.SwitchAsync(3, green);
        Assert.Equal("OK", (await write).AsString());
        await gateway.Process.KillAsync();
        await gateway.StartAsync();
        Assert.Equal(GatewayUnderTest.Of(green), (await gateway.StatusAsync())["target"]!.GetValue<string>());
    }

    [ServerFact("redis-7.0")]
    public async Task A_transaction_begun_before_the_switch_is_executed_after_it()
    {
        await using var bed = new TestBed(output);
        var (blue, green) = await StartPairAsync(bed);
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var client = await gateway.ConnectAsync();
        await client.ExecuteAsync(["MULTI"], None);
        await client.ExecuteAsync(["INCR", "a"], None);
        await client.ExecuteAsync(["SELECT", "2"], None);
        await Switchover.RunAsync(gateway, 1, blue, green);
        Assert.Equal("QUEUED", (await client.ExecuteAsync(["INCR", "a"], None)).AsString());
        var results = await client.ExecuteAsync(["EXEC"], None);
        Assert.Equal(3, results.Items.Count);
        Assert.Equal("1", await green.CallAsync("GET", "a"));
        Assert.Equal("1", await green.CallInAsync(2, "GET", "a"));
        Assert.Contains(" db=2 ", (await client.ExecuteAsync(["CLIENT", "INFO"], None)).AsString());
    }

    [ServerFact("redis-7.0")]
    public async Task What_was_watched_before_the_switch_makes_exec_answer_nil_after_it()
    {
        await using var bed = new TestBed(output);
        var (blue, green) = await StartPairAsync(bed);
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        foreach (var protocol in new[] { 2, 3 })
        {
            await using var client = await gateway.ConnectAsync(protocol);
            await using var inside = await gateway.ConnectAsync(protocol);
            await client.ExecuteAsync(["WATCH", "a"], None);
            await inside.ExecuteAsync(["WATCH", "a"], None);
            await inside.ExecuteAsync(["MULTI"], None);
            await Switchover.RunAsync(gateway, protocol, blue, green);
            await Switchover.FollowAsync(blue, green);
            (blue, green) = (green, blue);
            foreach (var session in new[] { client, inside })
            {
                if (session == client)
                    await session.ExecuteAsync(["MULTI"], None);

                await session.ExecuteAsync(["SET", "a", "x"], None);
                Assert.True((await session.ExecuteAsync(["EXEC"], None)).IsNull);
                await session.ExecuteAsync(["MULTI"], None);
                await session.ExecuteAsync(["PING"], None);
                Assert.Single((await session.ExecuteAsync(["EXEC"], None)).Items);
            }

            Assert.Equal("", await blue.CallAsync("GET", "a"));
        }
    }

    [ServerFact("redis-7.0")]
    public async Task A_client_that_waits_for_a_list_gets_what_is_pushed_after_the_switch()
    {
        await using var bed = new TestBed(output);
        var (blue, green) = await StartPairAsync(bed);
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var pusher = await gateway.ConnectAsync();
        RespCommand[] waits =
        [
            ["BLPOP", "l1", "0"], ["BRPOP", "l2", "30"], ["BLMOVE", "l3", "x", "LEFT", "LEFT", "0"], ["BRPOPLPUSH", "l4", "x", "30.5"],
            ["BLMPOP", "0", "1", "l5", "LEFT"], ["BZPOPMIN", "z6", "0"], ["BZMPOP", "30", "1", "z7", "MIN"], ["XREAD", "BLOCK", "0", "STREAMS", "s8", "$"],
        ];
        var clients = await Task.WhenAll(waits.Select((_, index) => gateway.ConnectAsync(index % 2 == 0 ? 2 : 3)));
        var answers = clients.Select((client, index) => client.ExecuteAsync(waits[index], None)).ToArray();
        await TestBed.WaitUntilAsync(async () => await blue.InfoAsync("blocked_clients") == "8", "all wait", Within);

        await Switchover.RunAsync(gateway, 1, blue, green);
        await TestBed.WaitUntilAsync(async () => await green.InfoAsync("blocked_clients") == "8", "all wait again", Within);
        Assert.DoesNotContain(answers, answer => answer.IsCompleted);
        foreach (var key in new[] { "l1", "l2", "l3", "l4", "l5" })
            await pusher.ExecuteAsync(["RPUSH", key, "v"], None);

        await pusher.ExecuteAsync(["ZADD", "z6", "1", "v"], None);
        await pusher.ExecuteAsync(["ZADD", "z7", "1", "v"], None);
        await pusher.ExecuteAsync(["XADD", "s8", "*", "f", "v"], None);
        foreach (var answer in answers)
            Assert.False((await answer).IsNull);

        Assert.Equal(8, await gateway.CounterAsync("askedAgain"));
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    [ServerFact("redis-7.0")]
    public async Task A_wait_whose_time_is_over_during_the_hold_is_answered_nil()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var client = await gateway.ConnectAsync();
        var wait = client.ExecuteAsync(["BLPOP", "l", "1"], None);
        await TestBed.WaitUntilAsync(async () => await blue.InfoAsync("blocked_clients") == "1", "it waits", Within);
        await gateway.HoldAsync(1);
        Assert.True((await wait).IsNull);
        await gateway.ReleaseAsync(1);
        await client.ExecuteAsync(["SET", "a", "1"], None);
    }

    [ServerFact("redis-7.0")]
    public async Task A_wait_is_asked_again_where_it_was_when_the_hold_is_released_and_keeps_its_place()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var client = await gateway.ConnectAsync();
        var replies = client.PipelineAsync([["BLPOP", "l", "0"], ["RPUSH", "l", "second"], ["LRANGE", "l", "0", "-1"]], None);
        await TestBed.WaitUntilAsync(async () => await blue.InfoAsync("blocked_clients") == "1", "it waits", Within);
        await gateway.HoldAsync(1);
        await gateway.ReleaseAsync(1);
        await TestBed.WaitUntilAsync(async () => await blue.InfoAsync("blocked_clients") == "1", "it waits again", Within);
        await blue.CallAsync("RPUSH", "l", "first");
        Assert.Equal("first", (await replies)[0].Items[1].AsString());
        Assert.Equal("second", (await replies)[2].Items.Single().AsString());
    }

    [ServerFact("redis-7.0")]
    public async Task Wait_for_replicas_is_answered_by_the_server_it_was_asked_of()
    {
        await using var bed = new TestBed(output);
        var (blue, green) = await StartPairAsync(bed);
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var client = await gateway.ConnectAsync();
        await client.ExecuteAsync(["SET", "a", "1"], None);
        var wait = client.ExecuteAsync(["WAIT", "5", "0"], None);
        await TestBed.WaitUntilAsync(async () => await blue.InfoAsync("blocked_clients") == "1", "it waits", Within);
        await Switchover.RunAsync(gateway, 1, blue, green);
        Assert.Equal(1, (await wait).AsInt64());
    }

    [ServerFact("redis-7.0")]
    public async Task A_session_is_the_same_after_the_switch()
    {
        await using var bed = new TestBed(output);
        string[] users = ["user alice on >wonder ~* &* +@all", "requirepass secret", "masterauth secret"];
        var blue = await bed.StartRedisAsync("redis-7.0", users);
        blue.Password = "secret";
        var green = await bed.StartRedisAsync("redis-7.0", users);
        green.Password = "secret";
        await Switchover.FollowAsync(green, blue);
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var three = await RespConnection.ConnectAsync(
            new RespConnectionOptions { Host = "127.0.0.1", Port = gateway.Port, UserName = "alice", Password = "wonder", Protocol = 3, Database = 5, ClientName = "before" }, None);
        await using var hello = await RespConnection.ConnectAsync(new RespConnectionOptions { Host = "127.0.0.1", Port = gateway.Port, Password = "secret" }, None);
        await hello.ExecuteAsync(["HELLO", "3", "AUTH", "alice", "wonder", "SETNAME", "hello"], None);
        await using var nobody = await RespConnection.ConnectAsync(new RespConnectionOptions { Host = "127.0.0.1", Port = gateway.Port }, None);
        await three.ExecuteAsync(["CLIENT", "NO-EVICT", "ON"], None);
        await gateway.PrepareAsync(1, green);
        await three.ExecuteAsync(["CLIENT", "SETNAME", "after"], None);
        await three.ExecuteAsync(["SELECT", "6"], None);
        await Switchover.RunAsync(gateway, 1, blue, green);

        Assert.Equal("OK", (await three.ExecuteAsync(["SET", "a", "1"], None)).AsString());
        var info = (await three.ExecuteAsync(["CLIENT", "INFO"], None)).AsString();
        Assert.Contains(" name=after ", info);
        Assert.Contains(" db=6 ", info);
        Assert.Contains(" user=alice ", info);
        Assert.Contains(" resp=3", info);
        Assert.Contains("flags=e ", info);
        info = (await hello.ExecuteAsync(["CLIENT", "INFO"], None)).AsString();
        Assert.Contains(" name=hello ", info);
        Assert.Contains(" user=alice ", info);
        Assert.Equal("NOAUTH", (await nobody.SendAsync(["GET", "a"], None)).ErrorCode);
        Assert.DoesNotContain("wonder", gateway.Process.Output);
        Assert.DoesNotContain("wonder", await File.ReadAllTextAsync(Path.Combine(gateway.StateFolder, "route")));
    }

    [ServerFact("redis-7.0")]
    public async Task A_client_that_caches_is_told_to_drop_all_and_is_tracked_afterwards()
    {
        await using var bed = new TestBed(output);
        var (blue, green) = await StartPairAsync(bed);
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        var pushes = System.Threading.Channels.Channel.CreateUnbounded<RespValue>();
        await using var caching = await RespConnection.ConnectAsync(
            new RespConnectionOptions { Host = "127.0.0.1", Port = gateway.Port, Protocol = 3, PushReceived = value => pushes.Writer.TryWrite(value) }, None);
        await using var writer = await gateway.ConnectAsync();
        await caching.ExecuteAsync(["CLIENT", "TRACKING", "ON"], None);
        await caching.ExecuteAsync(["GET", "a"], None);
        await Switchover.RunAsync(gateway, 1, blue, green);
        Assert.True((await pushes.Reader.ReadAsync(None)).Items[1].IsNull);
        await caching.ExecuteAsync(["GET", "a"], None);
        await writer.ExecuteAsync(["SET", "a", "1"], None);
        Assert.Equal("a", (await pushes.Reader.ReadAsync(None)).Items[1].Items.Single().AsString());
    }

    [ServerFact("redis-7.0")]
    public async Task Scripts_are_known_after_the_switch()
    {
        await using var bed = new TestBed(output);
        var (blue, green) = await StartPairAsync(bed);
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var client = await gateway.ConnectAsync();
        await client.ExecuteAsync(["EVAL", "return redis.call('incr', KEYS[1])", 1, "a"], None);
        var loaded = (await client.ExecuteAsync(["SCRIPT", "LOAD", "return 'loaded'"], None)).AsString();
        await gateway.PrepareAsync(1, green);
        var late = (await client.ExecuteAsync(["SCRIPT", "LOAD", "return 'late'"], None)).AsString();
        await TestBed.WaitUntilAsync(async () => await green.CallAsync("SCRIPT", "EXISTS", loaded, late) == "1\n1", "green has them", Within);
        await Switchover.RunAsync(gateway, 1, blue, green);
        Assert.Equal("loaded", (await client.ExecuteAsync(["EVALSHA", loaded, 0], None)).AsString());
        Assert.Equal("late", (await client.ExecuteAsync(["EVALSHA", late, 0], None)).AsString());
    }

    [ServerFact("redis-7.0")]
    public async Task Requests_that_ask_for_no_answer_are_all_executed_across_the_switch()
    {
        await using var bed = new TestBed(output);
        var (blue, green) = await StartPairAsync(bed);
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var client = await RawClient.ConnectAsync(gateway.Port);
        await client.SendAsync("CLIENT REPLY OFF\r\n");
        await client.SendAsync(string.Concat(Enumerable.Repeat("INCR a\r\n", 1000)));
        await gateway.PrepareAsync(1, green);
        await gateway.HoldAsync(1);
        await client.SendAsync(string.Concat(Enumerable.Repeat("INCR a\r\n", 1000)));
        await gateway.WaitHeldAsync(1000);
        await Switchover.DrainAsync(blue, green);
        await gateway.ReadsAsync(1, green);
        await Switchover.PromoteAsync(green);
        await gateway.SwitchAsync(1, green);
        await client.SendAsync("INCR a\r\nCLIENT REPLY ON\r\nINCR a\r\n");
        Assert.Equal("+OK\r\n:2002\r\n", await client.ReadAsync("+OK\r\n:2002\r\n".Length));
    }

    [ServerFact("redis-7.0")]
    public async Task A_thousand_clients_are_switched_without_an_error()
    {
        await using var bed = new TestBed(output);
        var (blue, green) = await StartPairAsync(bed);
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        var clients = new List<RespConnection>();
        for (var i = 0; i < 1_000; i++)
            clients.Add(await gateway.ConnectAsync());

        await Task.WhenAll(clients.Select(client => client.ExecuteAsync(["INCR", "a"], None)));
        await gateway.PrepareAsync(1, green);
        await gateway.HoldAsync(1);
        var held = clients.Select(client => client.ExecuteAsync(["INCR", "a"], None)).ToArray();
        await gateway.WaitHeldAsync(1_000);
        await Switchover.DrainAsync(blue, green);
        await gateway.ReadsAsync(1, green);
        await Switchover.PromoteAsync(green);
        await gateway.SwitchAsync(1, green);
        await Task.WhenAll(held);
        Assert.Equal("2000", await green.CallAsync("GET", "a"));
        Assert.Equal(1_000, await gateway.CounterAsync("moves"));
        await TestBed.WaitUntilAsync(async () => await blue.CallAsync("CLIENT", "LIST", "TYPE", "normal") is var list && list.Split('\n').Count(line => line.Length > 0) <= 2, "nobody is left on blue", Within);
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    private static async Task<(RedisServer Blue, RedisServer Green)> StartPairAsync(TestBed bed)
    {
        var blue = await bed.StartRedisAsync();
        return (blue, await bed.StartReplicaAsync(blue));
    }

    private async Task KeepLedgerAsync(LedgerOptions options, int protocol = 2)
    {
        await using var bed = new TestBed(output);
        var (blue, green) = await StartPairAsync(bed);
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        var service = new RedisLedgerEndpoint(new RedisLedgerOptions { Servers = [new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, gateway.Port)], Protocol = protocol });
        var ledger = await bed.StartLedgerAsync(service, options);
        var from = ledger.Now;
        for (var epoch = 1; epoch <= 6; epoch++)
        {
            await ledger.WaitForWritesAsync(500, Within);
            await Switchover.RunAsync(gateway, epoch, blue, green);
            await Switchover.FollowAsync(blue, green);
            (blue, green) = (green, blue);
        }

        await ledger.WaitForWritesAsync(500, Within);
        await ledger.StopAsync();
        var report = await ledger.ReportAsync(blue.Ledger, new LedgerInterval(from, ledger.Now));
        output.WriteLine(report.ToString());
        Assert.True(report.Clean, report.ToString());
        Assert.Equal(0, report.Totals.FailedWrites + report.Totals.Indeterminate + report.Totals.DroppedConnections);
    }
}
