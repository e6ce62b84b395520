using StatefulDeploy.Engines.Tests.Redis;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.Garnet;

/// <summary>The acts of the engine in the order of the workflow, on real servers.</summary>
public sealed class GarnetUpgradeTests(ITestOutputHelper output)
{
    [ServerFact("garnet-2.2.2", "garnet-2.2.8")]
    public async Task Green_has_everything_and_takes_writes_and_blue_takes_none()
    {
        await using TestBed bed = new(output);
        GarnetScene scene = await GarnetScene.StartAsync(bed);
        await using TestClient client = await GarnetScene.ClientAsync(scene.BlueNode);
        Assert.Equal("OK", await client.SayAsync("SET a 1"));
        Assert.Equal("3", await client.SayAsync("RPUSH l x y z"));
        Assert.Equal("OK", await client.SayAsync("ACL SETUSER alice on >apw +@all"));
        IReadOnlyList<Finding> findings = await scene.Engine.Preflight.InspectAsync(scene.Forward, default);
        Assert.Empty(findings);

        await scene.FollowAsync();
        await using TestClient green = await GarnetScene.ClientAsync(scene.GreenNode, "alice", "apw");
        Assert.StartsWith("NOPERM", await green.SayAsync("SET b 1"));
        Assert.Equal("OK", await client.SayAsync("SET late 1"));

        WindowTimes times = await scene.SwitchAsync(scene.Forward);
        output.WriteLine(times.ToString());

        Assert.StartsWith("NOPERM", await client.SayAsync("SET b 1"));
        Assert.Equal("1", await client.SayAsync("GET a"));
        Assert.Equal("1", await green.SayAsync("GET a"));
        Assert.Equal("OK", await green.SayAsync("SET b 1"));
        Assert.Equal("x y z", await green.SayAsync("LRANGE l 0 -1"));
        Assert.Equal("1", await green.SayAsync("GET late"));
    }
}
