using System.Net;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.Tests.Redis;
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
    // Every copy is made under load: INCR, APPEND and LPUSH tell if it repeats or leaves out a single write.
    // The second row's log is longer than its memory (64 MB), and each of its copies longer than a page (16 MB).
    [ServerTheory]
    [ServerData("garnet-2.2.2", "garnet-2.2.8", 8, 2, 100)]
    [ServerData("garnet-2.2.2", "garnet-2.2.8", 64, 2, 4000)]
    public async Task A_switch_and_its_way_back_lose_no_acknowledged_write(string from, string to, int writers, int rounds, int valueSize)
    {
        await using TestBed bed = new(output);
        GarnetScene scene = await GarnetScene.StartAsync(bed, from["garnet-".Length..], to["garnet-".Length..]);
        EndPoint[] live = [EndPointOf(scene.BlueNode)];
        Ledger ledger = await bed.StartLedgerAsync(new RedisLedgerEndpoint(new RedisLedgerOptions { Servers = live }), Options(writers, valueSize));
        await ledger.WaitForWritesAsync(10_000, TimeSpan.FromSeconds(120));
        await scene.FollowAsync();
        await ledger.WaitForWritesAsync(200, TimeSpan.FromSeconds(60));

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
        await ledger.WaitForWritesAsync(200, TimeSpan.FromSeconds(60));
        await scene.Engine.Replicator.StartAsync(back, times.Reverse, default);
        await scene.StreamingAsync(back);
        await ledger.WaitForWritesAsync(200, TimeSpan.FromSeconds(60));
    }

    [ServerFact("garnet-2.2.2", "garnet-2.2.8")]
    public async Task A_log_that_a_checkpoint_has_shortened_is_told_of_and_gives_no_way_back()
    {
        await using TestBed bed = new(output);
        GarnetScene scene = await GarnetScene.StartAsync(bed);
        Assert.Equal(WayBackKind.Native, (await scene.Engine.Preflight.FindWayBackAsync(scene.Forward, default)).Kind);
        await using TestClient client = await GarnetScene.ClientAsync(scene.BlueNode);
        Assert.Equal("1", await client.SayAsync("RPUSH l a"));
        await CheckpointAsync(client);
        Assert.Equal("2", await client.SayAsync("RPUSH l b"));

        Assert.Contains(await scene.Engine.Preflight.InspectAsync(scene.Forward, default), finding => finding.Code == "LogShortened");
        Assert.Equal(WayBackKind.None, (await scene.Engine.Preflight.FindWayBackAsync(scene.Forward, default)).Kind);
        await scene.FollowAsync();
        await scene.SwitchAsync(scene.Forward);
        await using TestClient green = await GarnetScene.ClientAsync(scene.GreenNode);
        Assert.Equal("a b", await green.SayAsync("LRANGE l 0 -1"));
        UpgradeException refusal = await Assert.ThrowsAsync<UpgradeException>(() => scene.Engine.Replicator.StartAsync(scene.Backward, null, default));
        Assert.Equal("WayBackEnded", refusal.ErrorId);
        Assert.Equal("a b", await client.SayAsync("LRANGE l 0 -1"));
    }

    [ServerFact("garnet-2.2.2")]
    public async Task A_snapshot_is_taken_under_load_without_a_checkpoint_and_a_server_starts_on_it()
    {
        await using TestBed bed = new(output);
        GarnetScene scene = await GarnetScene.StartAsync(bed);
        await using TestClient client = await GarnetScene.ClientAsync(scene.BlueNode);
        Assert.Equal("OK", await client.SayAsync("SET before 1"));
        await client.SayAsync("COMMITAOF");
        Ledger ledger = await bed.StartLedgerAsync(new RedisLedgerEndpoint(scene.BlueNode.Endpoint.Port), Options(8, 4000));
        await ledger.WaitForWritesAsync(2000, TimeSpan.FromSeconds(60));
        string folder = bed.NewFolder("snapshot");
        SnapshotRecord snapshot = await scene.Engine.Snapshotter.TakeAsync(scene.Forward, folder, default);
        await ledger.StopAsync();
        Assert.True(snapshot.Bytes > 1_000_000);
        Assert.True(await IsCompleteAsync(client));

        await scene.KillAsync(scene.BlueNode);
        foreach (string data in new[] { "Store", "AOF" })
        {
            string to = Path.Combine(scene.BlueNode.DataDirectory!, data);
            if (Directory.Exists(to))
            {
                Directory.Delete(to, recursive: true);
            }

            if (Directory.Exists(Path.Combine(snapshot.Folder, data)))
            {
                Directory.Move(Path.Combine(snapshot.Folder, data), to);
            }
        }

        await scene.RestartAsync(scene.BlueNode);
        await using TestClient restored = await GarnetScene.ClientAsync(scene.BlueNode);
        Assert.Equal("1", await restored.SayAsync("GET before"));
        Assert.True(int.Parse(await restored.SayAsync("DBSIZE"), System.Globalization.CultureInfo.InvariantCulture) > 200);
    }

    private static async Task CheckpointAsync(TestClient client)
    {
        await client.SayAsync("BGSAVE");
        await TestBed.WaitUntilAsync(async () => !await IsCompleteAsync(client), "the checkpoint is complete", TimeSpan.FromSeconds(60));
    }

    private static async Task<bool> IsCompleteAsync(TestClient client) => (await client.SayAsync("INFO persistence")).Contains("\nBeginAddress:64\r", StringComparison.Ordinal);

    private static IPEndPoint EndPointOf(Node node) => new(IPAddress.Loopback, node.Endpoint.Port);

    // Each writer waits a little: at full speed two cores replay no log as fast as it is written.
    private static LedgerOptions Options(int writers, int valueSize) => new()
    {
        Writers = writers,
        ValueSize = valueSize,
        Readers = 0,
        WritesPerSecond = 2000.0 / writers,
        ReconnectOn = ["NOPERM", "MOVED", "CLUSTERDOWN"],
        RetryDelay = TimeSpan.FromMilliseconds(20),
    };
}
