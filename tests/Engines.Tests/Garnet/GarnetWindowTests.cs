using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.Tests.Redis;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.Garnet;

/// <summary>What can go wrong inside the closed window, and that either side can go on afterwards.</summary>
public sealed class GarnetWindowTests(ITestOutputHelper output)
{
    // Two rounds of gossip and more: what one node could tell the other it has told by then.
    private static readonly TimeSpan Gossip = TimeSpan.FromSeconds(12);

    [ServerFact("garnet-2.2.2", "garnet-2.2.8")]
    public async Task A_window_that_expires_after_the_promotion_leaves_blue_as_it_was_and_can_be_tried_again()
    {
        await using TestBed bed = new(output);
        GarnetScene scene = await FollowedAsync(bed);
        await using TestClient client = await GarnetScene.ClientAsync(scene.BlueNode);

        await scene.PromoteAsync(scene.Forward);
        await scene.Engine.Gate.OpenAsync(scene.BlueNode, scene.Gate, default);
        Assert.Equal("OK", await client.SayAsync("SET after 1"));
        await scene.Engine.Switchover.DemoteAsync(scene.Forward, default);
        await Task.Delay(Gossip);
        Assert.Equal("OK", await client.SayAsync("SET later 1"));
        await using (TestClient closed = await GarnetScene.ClientAsync(scene.GreenNode))
        {
            Assert.StartsWith("NOPERM", await closed.SayAsync("SET x 1"));
        }

        // Green is started anew to be filled again.
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await scene.StreamingAsync(scene.Forward);
        await using TestClient green = await GarnetScene.ClientAsync(scene.GreenNode);
        await scene.SwitchAsync(scene.Forward);
        Assert.Equal("1", await green.SayAsync("GET k"));
        Assert.Equal("1", await green.SayAsync("GET later"));
        Assert.Equal("OK", await green.SayAsync("SET x 1"));
        Assert.StartsWith("NOPERM", await client.SayAsync("SET x 1"));
    }

    [ServerFact("garnet-2.2.2", "garnet-2.2.8")]
    public async Task A_green_that_dies_promoted_and_comes_up_again_takes_nothing_from_blue()
    {
        await using TestBed bed = new(output);
        GarnetScene scene = await FollowedAsync(bed);
        await using TestClient client = await GarnetScene.ClientAsync(scene.BlueNode);

        await scene.PromoteAsync(scene.Forward);
        await scene.KillAsync(scene.GreenNode);
        await scene.Engine.Gate.OpenAsync(scene.BlueNode, scene.Gate, default);
        await scene.RestartAsync(scene.GreenNode);
        await Task.Delay(Gossip);

        Assert.Equal("OK", await client.SayAsync("SET k 2"));
        Assert.Equal("2", await client.SayAsync("GET k"));
        await using TestClient green = await GarnetScene.ClientAsync(scene.GreenNode);
        Assert.StartsWith("NOPERM", await green.SayAsync("SET x 1"));
    }

    [ServerFact("garnet-2.2.2", "garnet-2.2.8")]
    public async Task A_blue_that_dies_after_the_promotion_takes_nothing_along()
    {
        await using TestBed bed = new(output);
        GarnetScene scene = await FollowedAsync(bed);
        await using TestClient client = await GarnetScene.ClientAsync(scene.BlueNode);
        Assert.Equal("OK", await client.SayAsync("SET late 1"));

        await scene.PromoteAsync(scene.Forward);
        await scene.KillAsync(scene.BlueNode);
        await scene.Engine.Gate.OpenAsync(scene.GreenNode, scene.Gate, default);
        await scene.RestartAsync(scene.BlueNode);
        await Task.Delay(Gossip);

        await using TestClient green = await GarnetScene.ClientAsync(scene.GreenNode);
        Assert.Equal("1", await green.SayAsync("GET late"));
        Assert.Equal("OK", await green.SayAsync("SET k 2"));
        await using (TestClient closed = await GarnetScene.ClientAsync(scene.BlueNode))
        {
            Assert.StartsWith("NOPERM", await closed.SayAsync("SET k 3"));
        }

        // The way back is there even so.
        await scene.Engine.Replicator.StartAsync(scene.Backward, null, default);
        await scene.StreamingAsync(scene.Backward);
        await using TestClient again = await GarnetScene.ClientAsync(scene.BlueNode);
        await scene.SwitchAsync(scene.Backward);
        Assert.Equal("2", await again.SayAsync("GET k"));
        Assert.Equal("OK", await again.SayAsync("SET k 3"));
    }

    [ServerFact("garnet-2.2.2", "garnet-2.2.8")]
    public async Task A_blue_that_is_restarted_inside_the_window_is_closed_and_its_position_is_not_mistaken_for_the_stream_s()
    {
        await using TestBed bed = new(output);
        GarnetScene scene = await FollowedAsync(bed);
        await scene.Engine.Switchover.PrepareAsync(scene.Forward, default);
        await scene.Engine.Gate.PrepareAsync(scene.BlueNode, scene.Gate, default);
        await scene.Engine.Gate.CloseAsync(scene.BlueNode, scene.Gate, default);

        await scene.RestartAsync(scene.BlueNode);
        Assert.Equal(GateState.Closed, await scene.Engine.Gate.ProbeAsync(scene.BlueNode, scene.Gate, default));
        UpgradeException refusal = await Assert.ThrowsAsync<UpgradeException>(() => scene.Engine.Switchover.ReadPositionAsync(scene.Forward, default));
        Assert.Equal("StreamEnded", refusal.ErrorId);

        await scene.Engine.Gate.OpenAsync(scene.BlueNode, scene.Gate, default);
        await using TestClient client = await GarnetScene.ClientAsync(scene.BlueNode);
        Assert.Equal("OK", await client.SayAsync("SET k 2"));
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await scene.StreamingAsync(scene.Forward);
        await scene.SwitchAsync(scene.Forward);
        await using TestClient green = await GarnetScene.ClientAsync(scene.GreenNode);
        Assert.Equal("2", await green.SayAsync("GET k"));
    }

    [ServerFact("garnet-2.2.2", "garnet-2.2.8")]
    public async Task With_replicas_on_both_sides_each_side_keeps_its_own()
    {
        await using TestBed bed = new(output);
        GarnetScene scene = await GarnetScene.StartAsync(bed, replicas: 1);
        await SayOkAsync(scene.BlueNode, "SET k 1");
        Assert.DoesNotContain(await scene.Engine.Preflight.InspectAsync(scene.Forward, default), finding => finding.Severity == FindingSeverity.Refuse);
        await scene.FollowAsync();

        output.WriteLine((await scene.SwitchAsync(scene.Forward)).ToString());
        await SayOkAsync(scene.GreenNode, "SET k 2");
        await scene.Engine.Replicator.StartAsync(scene.Backward, null, default);
        await FollowsAsync(scene.Green.Nodes.Last(), scene.GreenNode);
        await HasAsync(scene.Green.Nodes.Last(), "2");
        await scene.StreamingAsync(scene.Backward);
        output.WriteLine((await scene.SwitchAsync(scene.Backward)).ToString());
        await HasAsync(scene.BlueNode, "2");
        await SayOkAsync(scene.BlueNode, "SET k 3");
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await FollowsAsync(scene.Service.Blue.Nodes.Last(), scene.BlueNode);
        await FollowsAsync(scene.Green.Nodes.Last(), scene.BlueNode);
        await HasAsync(scene.Service.Blue.Nodes.Last(), "3");
        await HasAsync(scene.Green.Nodes.Last(), "3");
    }

    private static async Task SayOkAsync(Node node, string line)
    {
        await using TestClient client = await GarnetScene.ClientAsync(node);
        Assert.Equal("OK", await client.SayAsync(line));
    }

    private static async Task HasAsync(Node node, string value)
    {
        await using TestClient client = await GarnetScene.ClientAsync(node);
        Assert.Equal("OK", await client.SayAsync("READONLY"));
        await TestBed.WaitUntilAsync(async () => await client.SayAsync("GET k") == value, $"{node} has {value}", TimeSpan.FromSeconds(30));
    }

    private static async Task FollowsAsync(Node replica, Node primary)
    {
        await using TestClient client = await GarnetScene.ClientAsync(replica);
        await TestBed.WaitUntilAsync(
            async () => (await client.SayAsync("ROLE")).StartsWith($"slave 127.0.0.1 {primary.Endpoint.Port} connected", StringComparison.Ordinal),
            $"{replica} follows {primary}", TimeSpan.FromSeconds(60));
    }

    private static async Task<GarnetScene> FollowedAsync(TestBed bed)
    {
        GarnetScene scene = await GarnetScene.StartAsync(bed);
        await using TestClient client = await GarnetScene.ClientAsync(scene.BlueNode);
        Assert.Equal("OK", await client.SayAsync("SET k 1"));
        await scene.FollowAsync();
        return scene;
    }
}
