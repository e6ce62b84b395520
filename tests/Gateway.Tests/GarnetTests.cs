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
}
