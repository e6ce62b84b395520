using System.Net;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load.Redis;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Routers;

/// <summary>A real HAProxy before two real Redises: the engine does not matter to it.</summary>
public sealed class HaProxyRouterTests(ITestOutputHelper output)
{
    [ServerFact("redis-7.0", "redis-8.0", "haproxy")]
    public async Task Sessions_end_when_it_is_pointed_elsewhere_and_it_stays_there_over_a_restart()
    {
        await using var bed = new TestBed(output);
        using var stage = new RouterStage(bed);
        var blue = await bed.StartRedisAsync("redis-7.0");
        var green = await bed.StartRedisAsync("redis-8.0");
        await blue.CallAsync("SET", "side", "blue");
        await green.CallAsync("SET", "side", "green");
        var proxy = await bed.StartHaProxyAsync(port => HaProxyServer.Tcp(port, blue.Port));
        await using var router = stage.HaProxy(blue.Port, proxy);
        Assert.Empty(await stage.RefusalsAsync(router, blue.Port));
        Assert.Equal(["HaProxyTarget"], await stage.RefusalsAsync(router, green.Port));
        using var client = await ConnectAsync(proxy);
        Assert.Equal("blue", await SideAsync(client));

        await router.PrepareAsync(RouterStage.To(green.Port), 4, default);
        await router.HoldAsync(RouterStage.Limits, 4, default);
        Assert.Equal("blue", await SideAsync(client));
        await router.RouteReadsAsync(RouterStage.To(green.Port), 4, default);

        await Assert.ThrowsAnyAsync<IOException>(() => SideAsync(client));
        using var again = await ConnectAsync(proxy);
        await router.SwitchAsync(RouterStage.To(green.Port), 4, default);
        Assert.Equal("green", await SideAsync(again));
        Assert.Equal(($"127.0.0.1:{green.Port}", 1, false), await router.GetStatusAsync(default) is var status ? (status.WriteTarget, status.Sessions, status.Holding) : default);
        var stale = await Assert.ThrowsAsync<UpgradeException>(() => router.ReleaseAsync(RouterStage.To(blue.Port), 3, default));
        Assert.Equal(FailureCategory.StaleEpoch, stale.Category);

        await proxy.RestartAsync();
        using var later = await ConnectAsync(proxy);
        Assert.Equal("green", await SideAsync(later));
    }

    [ServerFact("redis-7.0", "haproxy")]
    public async Task A_window_that_is_taken_back_drops_nobody()
    {
        await using var bed = new TestBed(output);
        using var stage = new RouterStage(bed);
        var blue = await bed.StartRedisAsync("redis-7.0");
        await blue.CallAsync("SET", "side", "blue");
        var proxy = await bed.StartHaProxyAsync(port => HaProxyServer.Tcp(port, blue.Port));
        await using var router = stage.HaProxy(blue.Port, proxy);
        using var client = await ConnectAsync(proxy);
        await router.HoldAsync(RouterStage.Limits, 1, default);
        await router.ReleaseAsync(RouterStage.To(blue.Port), 1, default);
        Assert.Equal("blue", await SideAsync(client));
    }

    private static Task<RespSocket> ConnectAsync(HaProxyServer proxy) => RespSocket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, proxy.Port), default);

    private static async Task<string> SideAsync(RespSocket client)
    {
        client.Request("GET", "side");
        await client.SendAsync(default);
        return (await client.ReadAsync(default)).Text;
    }
}
