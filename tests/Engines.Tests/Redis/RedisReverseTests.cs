using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.Redis.Relay;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.Redis;

/// <summary>The ways back, through the engine's contract and with real processes.</summary>
public sealed class RedisReverseTests(ITestOutputHelper output)
{
    [ServerTheory]
    [ServerData("redis-7.0", "redis-7.0")]
    [ServerData("valkey-8.1", "valkey-8.1")]
    [ServerData("redis-8.0", "redis-8.0")]
    public async Task Natively_blue_follows_goes_back_and_green_follows_again(string from, string to)
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, from, to, 0, "appendonly yes");
        await scene.FollowAsync();
        await scene.Engine.Switchover.RehearseAsync(scene.Forward, default);
        ClusterPosition reverse = await scene.SwitchAsync(scene.Forward);
        await scene.Engine.Replicator.StartAsync(scene.Backward, reverse, default);
        await using TestClient green = await RedisScene.ClientAsync(scene.GreenNode);
        Assert.Equal("1", await green.SayAsync("INCR c"));
        await scene.StreamingAsync(scene.Backward);
        await using TestClient blue = await RedisScene.ClientAsync(scene.BlueNode);
        Assert.StartsWith("NOPERM", await blue.SayAsync("INCR c"));

        ClusterPosition forward = await scene.SwitchAsync(scene.Backward);
        Assert.Equal("2", await blue.SayAsync("INCR c"));
        Assert.StartsWith("NOPERM", await green.SayAsync("INCR c"));
        await scene.Engine.Replicator.StartAsync(scene.Forward, forward, default);
        await scene.StreamingAsync(scene.Forward);
        Assert.True((await scene.Engine.Comparer.CompareAsync(scene.Forward, new ComparisonOptions(), default)).Passed);
        Assert.Equal("2", await green.SayAsync("GET c"));
    }

    [ServerTheory]
    [ServerData("redis-7.0", "redis-8.0")]
    [ServerData("redis-7.0", "valkey-8.1")]
    public async Task A_relay_process_that_is_killed_again_and_again_neither_doubles_nor_skips_a_change(string from, string to)
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, from, to, 0, "appendonly yes", "appendfsync always");
        await scene.FollowAsync();
        ClusterPosition reverse = await scene.SwitchAsync(scene.Forward);
        await scene.Engine.Replicator.StartAsync(scene.Backward, reverse, default);
        using CancellationTokenSource stop = new();
        Task<int> writing = RedisRelayTests.WriteAsync(scene.GreenNode, stop.Token);
        IHost host = scene.Hosts["local"];
        string folder = Path.Combine(scene.Service.GuardDirectory, "relay", scene.Service.Name, "u1");
        Random random = new(11);
        for (int round = 0; round < (ServerCatalog.Full ? 100 : 6); round++)
        {
            await Task.Delay(random.Next(200, 900));
            ProcessIdentity process = (await RelayProcess.FindAsync(folder, host, default))!;
            System.Diagnostics.Process.GetProcessById(process.Id).Kill();
            await TestBed.WaitUntilAsync(async () => !await host.IsRunningAsync(process, default), "the relay is dead", TimeSpan.FromSeconds(5));
            await scene.Engine.Replicator.StartAsync(scene.Backward, reverse, default);
        }

        await stop.CancelAsync();
        int writes = await writing;
        await scene.StreamingAsync(scene.Backward);
        await using TestClient blue = await RedisScene.ClientAsync(scene.BlueNode);
        Assert.Equal(writes.ToString(), await blue.SayAsync("GET counter"));
        Assert.Equal(string.Join(' ', Enumerable.Range(1, writes).Reverse()), await blue.SayAsync("LRANGE list 0 -1"));
        Assert.Equal(writes.ToString(), await blue.SayAsync("STRLEN text"));
        Assert.True((await scene.Engine.Comparer.CompareAsync(scene.Backward, new ComparisonOptions(), default)).Passed);
        await scene.Engine.Replicator.StopAsync(scene.Backward, default);
        Assert.False(Directory.Exists(folder));
        Assert.Equal("0", await blue.SayAsync("EXISTS {statefuldeploy}:relay"));
        output.WriteLine($"{writes} transactions");
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_way_back_that_has_ended_says_so_in_the_status()
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, "redis-7.0", "redis-8.0");
        await scene.FollowAsync();
        ClusterPosition reverse = await scene.SwitchAsync(scene.Forward);
        await scene.Engine.Replicator.StartAsync(scene.Backward, reverse, default);
        await scene.StreamingAsync(scene.Backward);
        await using TestClient green = await RedisScene.ClientAsync(scene.GreenNode);
        await green.SayAsync("HSET h f v");
        await green.SayAsync("HEXPIRE h 100 FIELDS 1 f");

        await TestBed.WaitUntilAsync(
            async () => (await scene.Engine.Replicator.GetStatusAsync(scene.Backward, default)).State == ReplicationState.Broken, "it is broken", TimeSpan.FromSeconds(10));

        ReplicationStatus status = await scene.Engine.Replicator.GetStatusAsync(scene.Backward, default);
        Assert.Contains("hpexpireat", status.Message);
        UpgradeException refused = await Assert.ThrowsAsync<UpgradeException>(() => scene.Engine.Replicator.StartAsync(scene.Backward, reverse, default));
        Assert.Equal("WayBackEnded", refused.ErrorId);
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_target_that_was_promoted_can_be_thrown_back_before_the_commit()
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, "redis-7.0", "redis-8.0");
        await scene.FollowAsync();
        await scene.Engine.Gate.PrepareAsync(scene.BlueNode, scene.Gate, default);
        await scene.Engine.Gate.CloseAsync(scene.BlueNode, scene.Gate, default);
        await scene.Engine.Switchover.PromoteAsync(scene.Forward, default);
        await scene.Engine.Gate.OpenAsync(scene.BlueNode, scene.Gate, default);
        await using TestClient blue = await RedisScene.ClientAsync(scene.BlueNode);
        Assert.Equal("OK", await blue.SayAsync("SET after 1"));

        await scene.Engine.Switchover.DemoteAsync(scene.Forward, default);
        await scene.Engine.Switchover.DemoteAsync(scene.Forward, default);

        await scene.StreamingAsync(scene.Forward);
        await using TestClient green = await RedisScene.ClientAsync(scene.GreenNode);
        Assert.Equal("1", await green.SayAsync("GET after"));
        Assert.StartsWith("NOPERM", await green.SayAsync("SET x 1"));
    }
}
