using System.Net;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using StatefulDeploy.Load.Redis;
using StatefulDeploy.Model;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.Garnet;

/// <summary>Switches under writers that remember every acknowledgement and go past every router: the hardest case for the fence.</summary>
public sealed class GarnetLoadTests(ITestOutputHelper output)
{
    [ServerTheory]
    [ServerData("garnet-2.2.2", "garnet-2.2.8", 8, 2)]
    [ServerData("garnet-2.2.2", "garnet-2.2.8", 64, 2)]
    public async Task A_switch_and_its_way_back_lose_no_acknowledged_write(string from, string to, int writers, int rounds)
    {
        await using TestBed bed = new(output);
        GarnetScene scene = await GarnetScene.StartAsync(bed, from["garnet-".Length..], to["garnet-".Length..]);
        await scene.FollowAsync();
        EndPoint[] live = [EndPointOf(scene.BlueNode)];
        Ledger ledger = await bed.StartLedgerAsync(new RedisLedgerEndpoint(new RedisLedgerOptions { Servers = live }), Options(writers));
        await ledger.WaitForWritesAsync(200, TimeSpan.FromSeconds(30));

        for (int round = 0; round < rounds; round++)
        {
            await SwitchAsync(scene, ledger, live, scene.Forward, scene.Backward);
            await SwitchAsync(scene, ledger, live, scene.Backward, scene.Forward);
        }

        await ledger.StopAsync();
        LedgerVerdict verdict = await ledger.VerifyAsync(new RedisLedgerEndpoint(scene.BlueNode.Endpoint.Port));
        output.WriteLine($"{ledger.Totals()}\n{verdict}");
        Assert.Empty(verdict.Examples);
        Assert.True(verdict.Clean);
        Assert.True(verdict.Checked > 1000);
    }

    private async Task SwitchAsync(GarnetScene scene, Ledger ledger, EndPoint[] live, EngineContext there, EngineContext back)
    {
        WindowTimes times = await scene.SwitchAsync(there);
        live[0] = EndPointOf(there.Target.Writer);
        output.WriteLine($"to {there.Target.Colour} {times}");
        await ledger.WaitForWritesAsync(200, TimeSpan.FromSeconds(30));
        await scene.Engine.Replicator.StartAsync(back, times.Reverse, default);
        await scene.StreamingAsync(back);
        await ledger.WaitForWritesAsync(200, TimeSpan.FromSeconds(30));
    }

    private static IPEndPoint EndPointOf(Node node) => new(IPAddress.Loopback, node.Endpoint.Port);

    // Each writer waits a little: at full speed two cores replay no log as fast as it is written.
    private static LedgerOptions Options(int writers) => new()
    {
        Writers = writers,
        Readers = 0,
        WritesPerSecond = 2000.0 / writers,
        ReconnectOn = ["NOPERM", "MOVED", "CLUSTERDOWN"],
        RetryDelay = TimeSpan.FromMilliseconds(20),
    };
}
