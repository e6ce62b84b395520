using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.Redis;

public sealed class RedisReplicatorTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    [ServerTheory("redis-7.0")]
    [ServerData("redis-8.0")]
    [ServerData("valkey-8.1")]
    public async Task A_green_that_follows_without_a_position_is_told_and_follows_rightly_once_started_again(string to)
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, "redis-7.0", to);
        await scene.FollowAsync();

        // Green's link comes back while PSYNC is refused, so it asks by SYNC.
        await scene.Blue[0].CallAsync("ACL", "SETUSER", "default", "-psync");
        await scene.Blue[0].CallAsync("CLIENT", "KILL", "TYPE", "replica");
        await TestBed.WaitUntilAsync(
            async () => await scene.Engine.Replicator.GetStatusAsync(scene.Forward, default) is { State: ReplicationState.Broken } status && status.Message.Contains("without a position", StringComparison.Ordinal),
            "green follows by SYNC, and the status says so", Soon);
        await scene.Blue[0].CallAsync("ACL", "SETUSER", "default", "+psync");

        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await scene.Blue[0].CallAsync("SET", "k", "v");
        await scene.StreamingAsync(scene.Forward);
        await using TestClient green = await RedisScene.ClientAsync(scene.GreenNode);
        Assert.Equal("v", await green.CallAsync("GET", "k"));
    }
}
