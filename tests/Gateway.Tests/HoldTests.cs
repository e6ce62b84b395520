using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using Xunit.Abstractions;

namespace StatefulDeploy.Gateway.Tests;

public sealed class HoldTests(ITestOutputHelper output)
{
    private static readonly CancellationToken None = CancellationToken.None;

    [ServerFact("redis-7.0")]
    public async Task Held_writes_wait_and_reads_go_on()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var writer = await gateway.ConnectAsync();
        await using var reader = await gateway.ConnectAsync();
        await writer.ExecuteAsync(["SET", "a", "1"], None);

        await gateway.HoldAsync(1);
        var write = writer.ExecuteAsync(["SET", "a", "2"], None);
        await gateway.WaitHeldAsync(1);
        Assert.Equal("1", (await reader.ExecuteAsync(["GET", "a"], None)).AsString());
        Assert.Equal("1", await blue.CallAsync("GET", "a"));

        await gateway.ReleaseAsync(1);
        Assert.Equal("OK", (await write).AsString());
        Assert.Equal("2", (await reader.ExecuteAsync(["GET", "a"], None)).AsString());
    }

    [ServerFact("redis-7.0")]
    public async Task A_read_behind_a_held_write_of_the_same_client_sees_it()
    {
        await using var bed = new TestBed(output);
        var gateway = await GatewayUnderTest.StartAsync(bed, await bed.StartRedisAsync());
        await using var client = await gateway.ConnectAsync();
        await gateway.HoldAsync(1);
        var replies = client.PipelineAsync([["GET", "a"], ["SET", "a", "1"], ["GET", "a"], ["INCR", "a"], ["GET", "a"]], None);
        await gateway.WaitHeldAsync(4);
        await gateway.ReleaseAsync(1);
        Assert.Equal(["", "OK", "1", "2", "2"], (await replies).Select(reply => reply.AsStringOrNull() ?? ""));
    }

    [ServerFact("redis-7.0")]
    public async Task A_hold_answers_only_when_writes_in_flight_are_answered()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var client = await gateway.ConnectAsync();
        var slow = client.PipelineAsync([["DEBUG", "SLEEP", "0.5"], ["SET", "a", "x"]], None);
        await TestBed.WaitUntilAsync(async () => await gateway.CounterAsync("writes") > 0, "it was sent", TimeSpan.FromSeconds(10));
        await gateway.HoldAsync(1, drainMs: 15_000);
        Assert.Equal("x", await blue.CallAsync("GET", "a"));
        Assert.True(slow.IsCompleted || (await slow).Count == 2);
    }

    [ServerFact("redis-7.0")]
    public async Task A_hold_whose_writes_are_not_answered_in_time_fails_and_is_released()
    {
        await using var bed = new TestBed(output);
        var gateway = await GatewayUnderTest.StartAsync(bed, await bed.StartRedisAsync());
        await using var stuck = await gateway.ConnectAsync();
        await using var client = await gateway.ConnectAsync();
        var slow = stuck.SendAsync(["DEBUG", "SLEEP", "1"], None);
        await TestBed.WaitUntilAsync(async () => await gateway.CounterAsync("writes") > 0, "it was sent", TimeSpan.FromSeconds(10));
        var failure = await Assert.ThrowsAsync<UpgradeException>(() => gateway.HoldAsync(1, drainMs: 50));
        Assert.Equal("GatewayDrainTimeout", failure.ErrorId);
        Assert.Equal("open", (await gateway.StatusAsync())["phase"]!.GetValue<string>());
        Assert.Equal("OK", (await slow).AsString());
        await client.ExecuteAsync(["SET", "a", "1"], None);
    }

    [ServerFact("redis-7.0")]
    public async Task A_hold_ends_by_itself_at_its_deadline()
    {
        await using var bed = new TestBed(output);
        var gateway = await GatewayUnderTest.StartAsync(bed, await bed.StartRedisAsync());
        await using var client = await gateway.ConnectAsync();
        await gateway.HoldAsync(1, deadlineMs: 300);
        Assert.Equal("OK", (await client.ExecuteAsync(["SET", "a", "1"], None)).AsString());
        var status = await gateway.StatusAsync();
        Assert.Equal("open", status["phase"]!.GetValue<string>());
        Assert.Equal(1, status["holdsExpired"]!.GetValue<long>());
    }

    [ServerFact("redis-7.0")]
    public async Task A_hold_asked_again_in_the_same_attempt_keeps_its_deadline()
    {
        await using var bed = new TestBed(output);
        var gateway = await GatewayUnderTest.StartAsync(bed, await bed.StartRedisAsync());
        await gateway.HoldAsync(1, deadlineMs: 5_000);
        await gateway.HoldAsync(1, deadlineMs: 50_000);
        Assert.InRange((await gateway.StatusAsync())["holdLeftMs"]!.GetValue<long>(), 0, 5_000);
        await gateway.HoldAsync(2, deadlineMs: 50_000);
        Assert.InRange((await gateway.StatusAsync())["holdLeftMs"]!.GetValue<long>(), 5_001, 50_000);
    }

    [ServerFact("redis-7.0")]
    public async Task A_write_held_too_long_gets_the_retriable_error_and_the_read_behind_it_its_answer()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var client = await gateway.ConnectAsync();
        await gateway.HoldAsync(1, requestLimitMs: 100);
        var replies = await client.PipelineAsync([["SET", "a", "1"], ["GET", "a"], ["INCR", "a"]], None);
        Assert.Equal("READONLY", replies[0].ErrorCode);
        Assert.True(replies[1].IsNull);
        Assert.Equal("READONLY", replies[2].ErrorCode);
        await gateway.ReleaseAsync(1);
        Assert.Equal("", await blue.CallAsync("GET", "a"));
    }

    [ServerFact("redis-7.0")]
    public async Task More_held_bytes_than_allowed_get_the_retriable_error_in_order()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var client = await gateway.ConnectAsync();
        await gateway.HoldAsync(1, maxBytes: 10_000);
        var replies = client.PipelineAsync([["SET", "a", "1"], ["SET", "big", new byte[200_000]], ["SET", "b", "2"]], None);
        await gateway.WaitHeldAsync(3);
        await gateway.ReleaseAsync(1);
        Assert.Equal([null, "READONLY", null], (await replies).Select(reply => reply.ErrorCode));
        Assert.Equal("1\n\n2", await blue.CallAsync("MGET", "a", "big", "b"));
    }

    [ServerFact("redis-7.0")]
    public async Task An_older_epoch_is_refused_and_an_equal_one_may_repeat()
    {
        await using var bed = new TestBed(output);
        var gateway = await GatewayUnderTest.StartAsync(bed, await bed.StartRedisAsync());
        await gateway.HoldAsync(5);
        await gateway.HoldAsync(5);
        var failure = await Assert.ThrowsAsync<UpgradeException>(() => gateway.ReleaseAsync(4));
        Assert.Equal("GatewayStaleEpoch", failure.ErrorId);
        Assert.Equal(FailureCategory.StaleEpoch, failure.Category);
        Assert.Equal("holding", (await gateway.StatusAsync())["phase"]!.GetValue<string>());
        await gateway.ReleaseAsync(6);
        await gateway.ReleaseAsync(6);
        Assert.Equal("open", (await gateway.StatusAsync())["phase"]!.GetValue<string>());
    }

    [ServerFact("redis-7.0")]
    public async Task A_gateway_killed_inside_a_hold_comes_back_held_with_the_same_deadline()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await gateway.HoldAsync(7, deadlineMs: 60_000);
        await gateway.Process.KillAsync();
        await gateway.StartAsync();
        var status = await gateway.StatusAsync();
        Assert.Equal("holding", status["phase"]!.GetValue<string>());
        Assert.Equal(7, status["epoch"]!.GetValue<long>());
        Assert.InRange(status["holdLeftMs"]!.GetValue<long>(), 1, 59_999);

        await using var client = await gateway.ConnectAsync();
        var write = client.ExecuteAsync(["SET", "a", "1"], None);
        await gateway.WaitHeldAsync(1);
        await gateway.ReleaseAsync(7);
        Assert.Equal("OK", (await write).AsString());
    }

    [ServerFact("redis-7.0")]
    public async Task A_gateway_that_comes_back_after_the_deadline_is_open()
    {
        await using var bed = new TestBed(output);
        var gateway = await GatewayUnderTest.StartAsync(bed, await bed.StartRedisAsync());
        await gateway.HoldAsync(1, deadlineMs: 50);
        await gateway.Process.KillAsync();
        await gateway.StartAsync();
        await using var client = await gateway.ConnectAsync();
        Assert.Equal("OK", (await client.ExecuteAsync(["SET", "a", "1"], None)).AsString());
    }

    [ServerFact("redis-7.0")]
    public async Task A_transaction_open_when_the_hold_comes_may_end_in_its_grace()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var client = await gateway.ConnectAsync();
        await client.ExecuteAsync(["MULTI"], None);
        await client.ExecuteAsync(["INCR", "a"], None);
        var hold = gateway.HoldAsync(1, transactionGraceMs: 4_000);
        await TestBed.WaitUntilAsync(async () => (await gateway.StatusAsync())["phase"]!.GetValue<string>() == "holding", "the hold is on", TimeSpan.FromSeconds(10));
        await client.ExecuteAsync(["INCR", "a"], None);
        Assert.Equal(2, (await client.ExecuteAsync(["EXEC"], None)).Items[1].AsInt64());
        await hold;
        Assert.Equal("2", await blue.CallAsync("GET", "a"));
    }

    [ServerFact("redis-7.0")]
    public async Task A_transaction_held_too_long_is_aborted_as_a_whole()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartRedisAsync();
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var fresh = await gateway.ConnectAsync();
        await using var open = await gateway.ConnectAsync();
        await open.ExecuteAsync(["MULTI"], None);
        await open.ExecuteAsync(["INCR", "b"], None);
        await gateway.HoldAsync(1, requestLimitMs: 50);
        var replies = await fresh.PipelineAsync([["MULTI"], ["INCR", "a"], ["EXEC"], ["GET", "a"]], None);
        Assert.Equal("OK", replies[0].AsString());
        Assert.Equal(["READONLY", "EXECABORT"], replies.Skip(1).Take(2).Select(reply => reply.ErrorCode));
        Assert.True(replies[3].IsNull);
        replies = await open.PipelineAsync([["INCR", "b"], ["EXEC"], ["GET", "b"]], None);
        Assert.Equal(["READONLY", "EXECABORT", null], replies.Select(reply => reply.ErrorCode));
        await gateway.ReleaseAsync(1);
        Assert.Equal("\n", await blue.CallAsync("MGET", "a", "b"));
        Assert.Equal(1, (await open.ExecuteAsync(["INCR", "b"], None)).AsInt64());
    }
}
