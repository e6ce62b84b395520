using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.Redis;

/// <summary>The acts of the engine in the order of the workflow, on real servers.</summary>
public sealed class RedisUpgradeTests(ITestOutputHelper output)
{
    [ServerTheory]
    [ServerData("redis-7.0", "redis-8.0")]
    [ServerData("redis-7.0", "valkey-8.1")]
    [ServerData("redis-7.0", "redis-7.0")]
    public async Task Green_has_everything_and_takes_writes_and_blue_takes_none(string from, string to)
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, from, to, 0, "user alice on >apw ~* &* +@all", "maxmemory-policy allkeys-lru", "notify-keyspace-events KEA", "databases 20");
        await using TestClient client = await RedisScene.ClientAsync(scene.BlueNode);
        Assert.Equal("OK", await client.SayAsync("SET a 1"));
        Assert.Equal("OK", await client.SayAsync("SELECT 17"));
        Assert.Equal("3", await client.SayAsync("RPUSH l x y z"));
        Assert.DoesNotContain(await scene.Engine.Preflight.InspectAsync(scene.Forward, default), finding => finding.Severity == FindingSeverity.Refuse);

        await scene.FollowAsync();
        await using TestClient green = await RedisScene.ClientAsync(scene.GreenNode, "alice", "apw");
        Assert.StartsWith("NOPERM", await green.SayAsync("SET b 1"));
        Assert.Equal("OK", await client.SayAsync("SET late 1"));

        await scene.SwitchAsync(scene.Forward);

        Assert.StartsWith("NOPERM", await client.SayAsync("SET b 1"));
        Assert.Equal("1", await green.SayAsync("GET a"));
        Assert.Equal("OK", await green.SayAsync("SET b 1"));
        Assert.Equal("OK", await green.SayAsync("SELECT 17"));
        Assert.Equal("x y z", await green.SayAsync("LRANGE l 0 -1"));
        Assert.Equal("1", await green.SayAsync("GET late"));
        Assert.Equal("maxmemory-policy allkeys-lru", await green.SayAsync("CONFIG GET maxmemory-policy"));
    }
}
