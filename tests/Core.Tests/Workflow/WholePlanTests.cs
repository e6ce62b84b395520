using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Workflow.Shards;

namespace StatefulDeploy.Core.Tests.Workflow;

/// <summary>What a plan says of a service that is upgraded shard by shard.</summary>
public sealed class WholePlanTests
{
    [Theory]
    [InlineData(1, false, 2, 300)]
    [InlineData(2, false, 4, 500)]
    [InlineData(9, false, 5, 600)]
    [InlineData(1, true, 5, 600)]
    public void The_peak_is_that_of_the_largest_shards_at_a_time_and_of_all_when_blue_is_kept(int atOnce, bool keepsBlue, int nodes, long bytes)
    {
        var plan = WholePlan.Of(Service(atOnce), [Plan("a", 2, 200), Plan("b", 1, 100), Plan("c", 2, 300)], [], new UpgradeRequest { Until = keepsBlue ? UpgradeStretch.Switch : null });

        Assert.Equal((nodes, bytes, 600), (plan.ExtraNodes, plan.ExtraBytes, plan.DataBytes));
        Assert.Equal((Math.Min(atOnce, 3), 1), (plan.ShardsAtOnce, plan.Gaps));
        Assert.Equal(["a", "b", "c"], plan.Green.Shards.Select(shard => shard.Name));
    }

    [Fact]
    public void A_shard_without_a_way_back_is_what_the_whole_says_and_a_finding_is_told_once()
    {
        var warning = Finding.Warn("NoStartAtBoot", "host local", "It is not started.", "Start it.");
        var oneWay = Plan("b", 1, 1) with { WayBack = new WayBack(WayBackKind.None, "None."), Findings = [warning] };

        var plan = WholePlan.Of(Service(1), [Plan("a", 1, 1) with { Findings = [warning] }, oneWay], [], new UpgradeRequest());

        Assert.False(plan.WayBack.Exists);
        Assert.Equal([warning], plan.Findings);
    }

    [Fact]
    public void The_whole_is_as_far_as_the_last_of_its_shards()
    {
        Assert.Equal(ClusterState.Serving, WholeView.StateOf([ClusterState.Retired, ClusterState.Serving]));
        Assert.Equal(ClusterState.Serving, WholeView.StateOf([ClusterState.Switched, ClusterState.SwitchedBack]));
        Assert.Equal(ClusterState.Switched, WholeView.StateOf([ClusterState.Switched, ClusterState.Retired]));
        Assert.Equal(ClusterColour.Blue, WholeView.LiveOf([ClusterColour.Green, ClusterColour.Blue]));
        Assert.Equal(ClusterColour.Green, WholeView.LiveOf([ClusterColour.Green, ClusterColour.Green]));
    }

    private static UpgradePlan Plan(string shard, int nodes, long bytes) => new()
    {
        Service = $"orders-{shard}",
        Path = $"/orders.yaml#{shard}",
        Shard = shard,
        Engine = "Redis",
        Version = "7.0",
        TargetVersion = "8.0",
        Green = new ClusterLayout(ClusterColour.Green, "8.0", [new Shard(shard, [])]),
        DataBytes = bytes,
        ExtraBytes = bytes,
        ExtraNodes = nodes,
        ExpectedGap = TimeSpan.FromMilliseconds(20),
        Router = new RouterPromise(KeepsConnections: true, ReadsGoOn: true, HoldsWrites: true, TimeSpan.FromMilliseconds(20), string.Empty),
        WayBack = new WayBack(WayBackKind.Native, "It follows."),
    };

    private static ServiceDescription Service(int atOnce) => new()
    {
        Name = "orders",
        Path = "/orders.yaml",
        Engine = "redis",
        Blue = new ClusterLayout(ClusterColour.Blue, "7.0", []),
        Router = new RouterDescription("gateway", new NodeEndpoint("127.0.0.1", 6379), "/gw.sock", new Dictionary<string, string>(StringComparer.Ordinal)),
        Limits = new UpgradeLimits { ShardsAtOnce = atOnce },
        StateDirectory = "/state",
        GuardDirectory = "/guard",
    };
}
