using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using Xunit.Abstractions;

namespace StatefulDeploy.Gateway.Tests;

public sealed class GarnetTests(ITestOutputHelper output)
{
    private static readonly CancellationToken None = CancellationToken.None;

    [ServerFact("garnet-2.2.2")]
    public async Task Sessions_move_between_two_servers_of_the_embedded_engine()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartGarnetAsync();
        var green = await bed.StartGarnetAsync();
        foreach (var server in new[] { blue, green })
            await server.CallAsync("CLUSTER", "ADDSLOTSRANGE", "0", "16383");

        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var two = await gateway.ConnectAsync();
        await using var three = await gateway.ConnectAsync(protocol: 3);
        await using var waiting = await gateway.ConnectAsync();
        await three.ExecuteAsync(["CLIENT", "SETNAME", "three"], None);
        await two.ExecuteAsync(["SET", "a", "1"], None);
        var wait = waiting.ExecuteAsync(["BLPOP", "l", "0"], None);
        await TestBed.WaitUntilAsync(async () => await gateway.CounterAsync("writes") == 2, "it waits", TimeSpan.FromSeconds(20));

        var prepared = await gateway.PrepareAsync(1, green);
        Assert.Null(prepared["controlError"]);
        await gateway.HoldAsync(1);
        var held = two.ExecuteAsync(["INCR", "a"], None);
        await gateway.WaitHeldAsync(1);
        Assert.Equal("1", (await three.ExecuteAsync(["GET", "a"], None)).AsString());
        await gateway.ReadsAsync(1, green);
        await gateway.SwitchAsync(1, green);
        Assert.Equal(1, (await held).AsInt64());
        Assert.Equal("three", (await three.ExecuteAsync(["CLIENT", "GETNAME"], None)).AsString());
        await two.ExecuteAsync(["RPUSH", "l", "v"], None);
        Assert.Equal("v", (await wait).Items[1].AsString());
    }

    // Garnet itself loses an element when it is told to end the wait in the moment of the push, or twice.
    [ServerTheory]
    [ServerData("garnet-2.2.2")]
    [ServerData("garnet-2.2.8")]
    public async Task What_is_pushed_in_the_moment_of_a_hold_is_delivered_to_who_waits_for_it(string server)
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartGarnetAsync(server);
        await blue.CallAsync("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var waiting = await gateway.ConnectAsync();
        await using var pushing = await gateway.ConnectAsync();
        for (var round = 1; round <= 40; round++)
        {
            var writes = await gateway.CounterAsync("writes");
            var wait = waiting.ExecuteAsync(["BLPOP", "l", "0"], None);
            await TestBed.WaitUntilAsync(async () => await gateway.CounterAsync("writes") > writes, "it waits", TimeSpan.FromSeconds(20));
            var push = pushing.ExecuteAsync(["RPUSH", "l", $"v{round}"], None);
            await gateway.HoldAsync(round, drainMs: 15_000);
            await gateway.ReleaseAsync(round);
            await push;
            Assert.Equal($"v{round}", (await wait).Items[1].AsString());
        }
    }

    [ServerFact("garnet-2.2.2")]
    public async Task A_wait_at_the_end_of_a_pipeline_is_ended_though_nothing_before_it_is_answered()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartGarnetAsync();
        await blue.CallAsync("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        var gateway = await GatewayUnderTest.StartAsync(bed, blue);
        await using var client = await gateway.ConnectAsync();
        await using var pushing = await gateway.ConnectAsync();
        Assert.Null((await client.ExecuteAsync(["BLPOP", "l", "0.01"], None)).AsStringOrNull());
        var replies = client.PipelineAsync([["SET", "a", "1"], ["BLPOP", "l", "0"], ["GET", "a"]], None);
        await TestBed.WaitUntilAsync(async () => await gateway.CounterAsync("writes") == 3, "it was sent", TimeSpan.FromSeconds(20));
        await gateway.HoldAsync(1, drainMs: 15_000);
        await gateway.ReleaseAsync(1);
        await pushing.ExecuteAsync(["RPUSH", "l", "v"], None);
        Assert.Equal("v", (await replies)[1].Items[1].AsString());
        Assert.Equal("1", (await replies)[2].AsString());
    }
}
