using System.Globalization;
using System.Net.Sockets;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;
using Xunit.Abstractions;

namespace StatefulDeploy.Gateway.Tests;

public sealed class WireTests(ITestOutputHelper output)
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    [ServerFact("redis-7.0")]
    public async Task A_value_of_a_hundred_megabytes_passes_through_and_is_not_kept()
    {
        await using var bed = new TestBed(output);
        var gateway = await GatewayUnderTest.StartAsync(bed, await bed.StartRedisAsync());
        await using var client = await gateway.ConnectAsync();
        var value = new byte[100_000_000];
        new Random(1).NextBytes(value);
        await client.ExecuteAsync(["SET", "big", value], None);
        Assert.Equal(value, (await client.ExecuteAsync(["GET", "big"], None)).Bytes.ToArray());
        Assert.InRange(PeakMemory(gateway), 0, 200_000_000);
    }

    [ServerFact("redis-7.0")]
    public async Task A_value_under_way_when_the_hold_comes_is_finished_first()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var client = await RawClient.ConnectAsync(gateway.Port);
        var half = new byte[500_000];
        await client.SendAsync("*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$1000000\r\n");
        await client.SendAsync(half);
        await TestBed.WaitUntilAsync(async () => await gateway.CounterAsync("writes") == 1, "it is under way", Within);
        var hold = gateway.HoldAsync(1);
        await TestBed.WaitUntilAsync(async () => (await gateway.StatusAsync())["phase"]!.GetValue<string>() == "holding", "the hold is on", Within);
        Assert.False(hold.IsCompleted);
        await client.SendAsync(half);
        await client.SendAsync("\r\n");
        await hold;
        Assert.Equal("+OK\r\n", await client.ReadAsync(5));
        Assert.Equal("1000000", await blue.CallAsync("STRLEN", "big"));
    }

    [ServerFact("redis-7.0")]
    public async Task A_big_value_that_comes_during_the_hold_is_written_after_the_switch()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        var green = await bed.StartReplicaAsync(blue);
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var client = await RawClient.ConnectAsync(gateway.Port);
        await gateway.PrepareAsync(1, green);
        await gateway.HoldAsync(1);
        await client.SendAsync("*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$20000000\r\n");
        await client.SendAsync(new byte[15_000_000]);
        await Switchover.DrainAsync(blue, green);
        await gateway.ReadsAsync(1, green);
        await Switchover.PromoteAsync(green);
        await gateway.SwitchAsync(1, green);
        await client.SendAsync(new byte[5_000_000]);
        await client.SendAsync("\r\n*2\r\n$6\r\nSTRLEN\r\n$3\r\nbig\r\n");
        Assert.Equal("+OK\r\n:20000000\r\n", await client.ReadAsync(16));
    }

    [ServerFact("redis-7.0")]
    public async Task A_pipeline_of_ten_thousand_is_answered_in_order_also_when_half_of_it_is_held()
    {
        await using var bed = new TestBed(output);
        var gateway = await GatewayUnderTest.StartAsync(bed, await bed.StartRedisAsync());
        await using var client = await gateway.ConnectAsync();
        RespCommand[] commands = [.. Enumerable.Range(0, 10_000).Select<int, RespCommand>(i => i % 2 == 0 ? ["INCR", "a"] : ["ECHO", i])];
        Check(await client.PipelineAsync(commands, None), 0);
        await gateway.HoldAsync(1);
        var held = client.PipelineAsync(commands, None);
        await gateway.WaitHeldAsync(10_000);
        await gateway.ReleaseAsync(1);
        Check(await held, 5_000);

        static void Check(IReadOnlyList<RespValue> replies, int before)
        {
            for (var i = 0; i < replies.Count; i++)
                Assert.Equal(i % 2 == 0 ? before + (i / 2) + 1 : i, replies[i].AsInt64());
        }
    }

    [ServerFact("redis-7.0")]
    public async Task A_client_that_does_not_read_is_not_buffered_for_and_gets_all_in_the_end()
    {
        await using var bed = new TestBed(output);
        var gateway = await GatewayUnderTest.StartAsync(bed, await bed.StartRedisAsync("redis-7.0", "client-output-buffer-limit normal 0 0 0"));
        await using var other = await gateway.ConnectAsync();
        await other.ExecuteAsync(["SET", "big", new byte[10_000_000]], None);
        await using var slow = await RawClient.ConnectAsync(gateway.Port, receiveBuffer: 16_384);
        for (var i = 0; i < 30; i++)
            await slow.SendAsync("GET big\r\n");

        await slow.SendAsync("PING\r\n");
        await TestBed.WaitUntilAsync(async () => await gateway.CounterAsync("reads") >= 31, "all were asked", Within);
        await other.ExecuteAsync(["SET", "a", "1"], None);
        Assert.InRange(PeakMemory(gateway), 0, 200_000_000);
        var size = 30 * "$10000000\r\n\r\n".Length + 300_000_000;
        var buffer = new byte[1 << 20];
        for (var left = size; left > 0;)
            left -= await slow.Socket.ReceiveAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)));

        Assert.Equal("+PONG\r\n", await slow.ReadAsync(7));
    }

    [ServerFact("redis-7.0")]
    public async Task A_client_that_does_not_read_does_not_keep_a_hold_from_its_goal()
    {
        await using var bed = new TestBed(output);
        var gateway = await GatewayUnderTest.StartAsync(bed, await bed.StartRedisAsync());
        await using var other = await gateway.ConnectAsync();
        await other.ExecuteAsync(["SET", "big", new byte[8_000_000]], None);
        await using var slow = await RawClient.ConnectAsync(gateway.Port, receiveBuffer: 16_384);
        await slow.SendAsync("GET big\r\nSET a 1\r\n");
        await TestBed.WaitUntilAsync(async () => await gateway.CounterAsync("writes") == 2, "both were asked", Within);
        await gateway.HoldAsync(1);
        await gateway.ReleaseAsync(1);
        Assert.EndsWith("\r\n+OK\r\n", await slow.ReadAsync("$8000000\r\n\r\n+OK\r\n".Length + 8_000_000));
    }

    [ServerFact("redis-7.0")]
    public async Task A_server_that_does_not_read_slows_the_client_down_instead_of_being_buffered_for()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var client = await gateway.ConnectAsync();
        await client.ExecuteAsync(["PING"], None);
        await blue.SuspendAsync();
        var writes = client.PipelineAsync([.. Enumerable.Range(0, 150).Select<int, RespCommand>(i => ["SET", i, new byte[1_000_000]])], None);
        await TestBed.WaitUntilAsync(async () => await gateway.CounterAsync("writes") > 0, "it has begun", Within);
        Assert.False(writes.IsCompleted);
        blue.Continue();
        Assert.All(await writes, reply => Assert.Equal("OK", reply.AsString()));
        Assert.InRange(PeakMemory(gateway), 0, 200_000_000);
    }

    [ServerFact("redis-7.0")]
    public async Task A_client_that_closed_its_sending_side_gets_its_answers_also_of_what_was_held()
    {
        await using var bed = new TestBed(output);
        var gateway = await GatewayUnderTest.StartAsync(bed, await bed.StartRedisAsync());
        await using var first = await RawClient.ConnectAsync(gateway.Port);
        await first.SendAsync("SET a 1\r\nGET a\r\n");
        first.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal("+OK\r\n$1\r\n1\r\n", await first.ReadToEndAsync());

        await gateway.HoldAsync(1);
        await using var second = await RawClient.ConnectAsync(gateway.Port);
        await second.SendAsync("INCR a\r\n");
        second.Socket.Shutdown(SocketShutdown.Send);
        await gateway.WaitHeldAsync(1);
        await gateway.ReleaseAsync(1);
        Assert.Equal(":2\r\n", await second.ReadToEndAsync());
    }

    [ServerFact("redis-7.0")]
    public async Task What_a_client_that_is_gone_had_in_the_queue_is_not_written()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await gateway.HoldAsync(1);
        var client = await RawClient.ConnectAsync(gateway.Port);
        await client.SendAsync("SET a 1\r\n");
        await gateway.WaitHeldAsync(1);
        client.Socket.LingerState = new LingerOption(true, 0);
        await client.DisposeAsync();
        await gateway.WaitHeldAsync(0);
        Assert.Equal(0, (await gateway.StatusAsync())["heldBytes"]!.GetValue<long>());
        await gateway.ReleaseAsync(1);
        Assert.Equal("", await blue.CallAsync("GET", "a"));
    }

    [ServerFact("redis-7.0")]
    public async Task Nothing_is_taken_for_a_client_that_went_while_it_waited()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        var client = await RawClient.ConnectAsync(gateway.Port);
        await client.SendAsync("BLPOP l 0\r\n");
        await TestBed.WaitUntilAsync(async () => await blue.InfoAsync("blocked_clients") == "1", "it waits", Within);
        await client.DisposeAsync();
        await TestBed.WaitUntilAsync(async () => await blue.InfoAsync("blocked_clients") == "0", "it is gone", Within);
        await blue.CallAsync("RPUSH", "l", "v");
        Assert.Equal("1", await blue.CallAsync("LLEN", "l"));
    }

    [ServerFact("redis-7.0")]
    public async Task An_idle_client_outlives_a_restart_of_the_server_with_its_session()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync("redis-7.0", "appendonly yes", "appendfsync always");
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var idle = await gateway.ConnectAsync(protocol: 3);
        await idle.ExecuteAsync(["SELECT", "4"], None);
        await idle.ExecuteAsync(["SET", "a", "1"], None);
        await using var waiting = await gateway.ConnectAsync();
        var lost = waiting.SendAsync(["BLPOP", "l", "0"], None);
        await TestBed.WaitUntilAsync(async () => await blue.InfoAsync("blocked_clients") == "1", "it waits", Within);
        await blue.KillAsync();
        Assert.Equal("ERR", (await lost).ErrorCode);
        await blue.RestartAsync();
        Assert.Equal("1", (await idle.ExecuteAsync(["GET", "a"], None)).AsString());
        Assert.Equal("PONG", (await waiting.ExecuteAsync(["PING"], None)).AsString());
        Assert.Equal(1, await gateway.CounterAsync("lostAnswers"));
    }

    [ServerFact("redis-7.0")]
    public async Task Reads_in_flight_when_the_server_dies_are_asked_once_more_and_writes_never()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync("redis-7.0", "appendonly yes", "appendfsync always");
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var reader = await gateway.ConnectAsync();
        await using var both = await gateway.ConnectAsync();
        await reader.ExecuteAsync(["SET", "a", "1"], None);
        await both.ExecuteAsync(["PING"], None);
        await blue.SuspendAsync();
        var before = await gateway.CounterAsync("requests");
        var reads = reader.PipelineAsync([["GET", "a"], ["STRLEN", "a"]], None);
        var mixed = both.PipelineAsync([["GET", "a"], ["INCR", "a"]], None);
        await TestBed.WaitUntilAsync(async () => await gateway.CounterAsync("requests") == before + 4, "all are in flight", Within);
        await blue.KillAsync();
        await blue.RestartAsync();
        Assert.Equal(["1", "1"], (await reads).Select(reply => reply.AsString()));
        Assert.Equal(["ERR", "ERR"], (await mixed).Select(reply => reply.ErrorCode));
        Assert.Equal("1", (await both.ExecuteAsync(["GET", "a"], None)).AsString());
    }

    [ServerFact("redis-7.0")]
    public async Task A_server_that_cannot_be_reached_gives_a_retriable_error_until_it_is_back()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        var gateway = await InProcessGateway.StartAsync(bed, blue.Port, options => options with { Limits = new GatewayLimits { RequestLimit = TimeSpan.FromMilliseconds(100) } });
        await using var client = await gateway.ConnectAsync();
        await client.ExecuteAsync(["PING"], None);
        await blue.StopAsync();
        var replies = await client.PipelineAsync([["GET", "a"], ["MULTI"], ["INCR", "a"], ["EXEC"]], None);
        Assert.Equal(["LOADING", null, "READONLY", "EXECABORT"], replies.Select(reply => reply.ErrorCode));
        await using var fresh = await gateway.ConnectAsync();
        Assert.Equal("LOADING", (await fresh.SendAsync(["SET", "a", "1"], None)).ErrorCode);
        await blue.RestartAsync();
        await TestBed.WaitUntilAsync(async () => !(await client.SendAsync(["INCR", "a"], None)).IsError, "it is back", Within);
        Assert.Equal("1", (await client.ExecuteAsync(["GET", "a"], None)).AsString());
    }

    [ServerFact("redis-7.0")]
    public async Task What_does_not_go_through_the_gateway_is_refused_in_its_turn()
    {
        await using var bed = new TestBed(output);
        var gateway = await InProcessGateway.StartAsync(bed, (await bed.StartRedisAsync()).Port);
        await using var client = await gateway.ConnectAsync();
        var replies = await client.PipelineAsync([["SET", "a", "1"], ["MONITOR"], ["PSYNC", "?", "-1"], ["GET", "a"], ["NOSUCH"]], None);
        Assert.Equal("OK", replies[0].AsString());
        Assert.Equal("ERR", replies[1].ErrorCode);
        Assert.Equal("ERR", replies[2].ErrorCode);
        Assert.Equal("1", replies[3].AsString());
        Assert.Contains("unknown command", replies[4].AsString());
    }

    [ServerFact("redis-7.0")]
    public async Task What_the_gateway_asks_of_its_own_runtime_is_not_inherited_by_what_its_process_starts()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        await InProcessGateway.StartAsync(bed, blue.Port);
        Assert.All(GatewayProgram.Environment.Keys, name => Assert.Null(Environment.GetEnvironmentVariable(name)));
        await Assert.ThrowsAsync<UpgradeException>(() => InProcessGateway.StartAsync(bed, blue.Port, options => options with { Listen = [new NodeEndpoint("127.0.0.1", blue.Port)] }));
        Assert.All(GatewayProgram.Environment.Keys, name => Assert.Null(Environment.GetEnvironmentVariable(name)));
    }

    [ServerFact("redis-7.0")]
    public async Task A_client_that_speaks_something_else_is_told_and_closed()
    {
        await using var bed = new TestBed(output);
        var gateway = await InProcessGateway.StartAsync(bed, (await bed.StartRedisAsync()).Port);
        foreach (var (text, answer) in new[]
        {
            ("PING\r\n*1\r\n:1\r\n", "+PONG\r\n-ERR Protocol error: expected '$', got ':'\r\n"),
            ("*x\r\n", "-ERR Protocol error: invalid multibulk length\r\n"),
            ("*1\r\n$-5\r\n", "-ERR Protocol error: invalid bulk length\r\n"),
            ("SET \"a\r\n", "-ERR Protocol error: unbalanced quotes in request\r\n"),
            ("\r\n*0\r\n  PING  \r\nquit\r\nPING\r\n", "+PONG\r\n+OK\r\n"),
        })
        {
            await using var client = await RawClient.ConnectAsync(gateway.Port);
            await client.SendAsync(text);
            Assert.Equal(answer, await client.ReadToEndAsync());
        }
    }

    [ServerFact("redis-7.0")]
    public async Task A_request_may_come_byte_by_byte()
    {
        await using var bed = new TestBed(output);
        var gateway = await InProcessGateway.StartAsync(bed, (await bed.StartRedisAsync()).Port);
        await using var client = await RawClient.ConnectAsync(gateway.Port);
        foreach (var b in "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$5\r\nhello\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n"u8.ToArray())
            await client.SendAsync(new[] { b });

        Assert.Equal("+OK\r\n$5\r\nhello\r\n", await client.ReadAsync(16));
    }

    [ServerFact("redis-7.0")]
    public async Task One_client_too_many_is_told_so()
    {
        await using var bed = new TestBed(output);
        var gateway = await InProcessGateway.StartAsync(bed, (await bed.StartRedisAsync()).Port, options => options with { Limits = new GatewayLimits { MaxSessions = 1 } });
        await using var first = await gateway.ConnectAsync();
        await first.ExecuteAsync(["PING"], None);
        await using var second = await RawClient.ConnectAsync(gateway.Port);
        Assert.Equal("-ERR max number of clients reached\r\n", await second.ReadToEndAsync());
    }

    private static long PeakMemory(GatewayUnderTest gateway)
    {
        var line = File.ReadLines($"/proc/{gateway.Process.Id}/status").Single(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(':')[1].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
    }
}
