using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Reuse;

namespace StatefulDeploy.Core.Tests.Reuse;

/// <summary>Which green node takes which volume, and what each cluster is while they move.</summary>
public sealed class ReusedLayoutTests
{
    [Fact]
    public void A_derived_green_is_written_to_by_the_successor_of_a_replica_and_gets_the_writers_volume_last()
    {
        var service = Service("orders-1", "orders-2", "orders-3");
        var green = ReusedLayout.Plan(service, Derived(service));

        Assert.Equal(["green-orders-2:data-2:Primary", "green-orders-3:data-3:Replica", "green-orders-1:data-1:Replica"], Told(green));
        Assert.All(green.Nodes, node => Assert.Equal(($"/srv/data-{node.Name[^1]}", $"/var/lib/{node.Name}"), (node.DataDirectory, node.WorkDirectory)));
        Assert.Equal(["data-2", "data-3", "data-1"], ReusedLayout.Transfers(service, service.Blue, green).Select(transfer => transfer.Volume.Name));
        Assert.Equal(["orders-1"], ReusedLayout.Staying(service.Blue, green, service).Nodes.Select(node => node.Name));
        Assert.Equal(["green-orders-2", "green-orders-3"], ReusedLayout.WithoutLast(service.Blue, green, service).Nodes.Select(node => node.Name));
    }

    [Fact]
    public void Described_nodes_that_name_no_volume_take_the_replicas_in_their_order_and_the_writers_last()
    {
        var service = Described(Node("new-a", NodeRole.Primary), Node("new-b", NodeRole.Replica) with { Volume = "data-1" }, Node("new-c", NodeRole.Replica));
        Assert.Equal(["new-a:data-2:Primary", "new-c:data-3:Replica", "new-b:data-1:Replica"], Told(ReusedLayout.Plan(service, Green(service.Green.Shards[0].Nodes))));
    }

    [Fact]
    public void Clusters_without_shared_volumes_are_what_they_were()
    {
        var service = Service("orders-1", "orders-2");
        var green = Derived(service);
        Assert.False(ReusedLayout.IsReusing(green));
        Assert.Equal(service.Blue.Nodes, ReusedLayout.Staying(service.Blue, green, service).Nodes);
        Assert.Equal(green.Nodes, ReusedLayout.WithoutLast(service.Blue, green, service).Nodes);
        Assert.Empty(ReusedLayout.Transfers(service, service.Blue, green));
    }

    [Theory]
    [InlineData("data-1", null, null, "WritersVolumeFirst")]
    [InlineData("data-9", null, null, "VolumeUnknown")]
    [InlineData("data-2", "data-2", null, "VolumeTwice")]
    public void Volumes_that_cannot_be_so_given_are_refused(string? first, string? second, string? third, string errorId)
    {
        var service = Described(Node("new-a", NodeRole.Primary) with { Volume = first }, Node("new-b", NodeRole.Replica) with { Volume = second }, Node("new-c", NodeRole.Replica) with { Volume = third });
        Refused(service, Green(service.Green.Shards[0].Nodes), errorId);
    }

    [Fact]
    public void A_writer_alone_gives_its_volume_to_the_writer_that_comes_after_it()
    {
        var alone = Service("orders-1");
        var green = ReusedLayout.Plan(alone, Derived(alone));
        var node = Assert.Single(green.Nodes);
        Assert.Equal((NodeRole.Primary, alone.Volumes[0].Name), (node.Role, node.Volume));
        Assert.True(ReusedLayout.IsOutage(alone, alone.Blue, green));
        Assert.True(Assert.Single(ReusedLayout.Transfers(alone, alone.Blue, green)).IsOutage);
        Assert.Empty(ReusedLayout.Staying(alone.Blue, green, alone).Nodes);
        Assert.Equal(green, ReusedLayout.WithoutLast(alone.Blue, green, alone));

        var three = Service("orders-1", "orders-2", "orders-3");
        Assert.False(ReusedLayout.IsOutage(three, three.Blue, ReusedLayout.Plan(three, Derived(three))));
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused()
    {
        var fewer = Described(Node("new-a", NodeRole.Primary), Node("new-b", NodeRole.Replica));
        Refused(fewer, Green(fewer.Green.Shards[0].Nodes), "NodesDiffer");

        var bare = Service("orders-1", "orders-2") with { Volumes = [Volume(1)] };
        Refused(bare, Derived(bare), "VolumeMissing");

        var onVolume = Service("orders-1", "orders-2");
        var green = Derived(onVolume);
        Refused(onVolume, Green([.. green.Nodes.Select(node => node with { DataDirectory = $"/srv/data-1/{node.Name}" })]), "WorkFolderOnVolume");
    }

    private static void Refused(ServiceDescription service, ClusterLayout green, string errorId)
    {
        var error = Assert.Throws<UpgradeException>(() => ReusedLayout.Plan(service, green));
        Assert.Equal((errorId, FailureCategory.Refused), (error.ErrorId, error.Category));
        Assert.NotEmpty(error.RecommendedAction);
    }

    private static IEnumerable<string> Told(ClusterLayout layout) => layout.Shards[0].Nodes.Select(node => $"{node.Name}:{node.Volume}:{node.Role}");

    private static ServiceDescription Described(params Node[] green)
    {
        var service = Service("orders-1", "orders-2", "orders-3");
        return service with { Green = new GreenDescription { Version = "8.0", Shards = [new Shard("main", green)] } };
    }

    private static ServiceDescription Service(params string[] names) => new()
    {
        Name = "orders",
        Path = "/orders.yaml",
        Engine = "redis",
        Blue = new ClusterLayout(ClusterColour.Blue, "7.0", [new Shard("main", [.. names.Select((name, at) => Node(name, at == 0 ? NodeRole.Primary : NodeRole.Replica) with { DataDirectory = $"/srv/data-{at + 1}", Colour = ClusterColour.Blue })])]),
        Volumes = [.. names.Select((_, at) => Volume(at + 1))],
        Router = new RouterDescription("gateway", new NodeEndpoint("127.0.0.1", 1), "/gateway.sock", new Dictionary<string, string>(StringComparer.Ordinal)),
        StateDirectory = "/state",
        GuardDirectory = "/guard",
    };

    private static VolumeDescription Volume(int number) => new()
    {
        Name = $"data-{number}",
        Node = $"orders-{number}",
        Uuid = $"00000000-0000-0000-0000-00000000000{number}",
        FileSystem = "xfs",
        MountPoint = $"/srv/data-{number}",
    };

    private static ClusterLayout Derived(ServiceDescription service) =>
        Green([.. service.Blue.Shards[0].Nodes.Select(node => Node($"green-{node.Name}", node.Role))]);

    private static ClusterLayout Green(IReadOnlyList<Node> nodes) => new(ClusterColour.Green, "8.0", [new Shard("main", nodes)]);

    private static Node Node(string name, NodeRole role) => new()
    {
        Name = name,
        Role = role,
        Endpoint = new NodeEndpoint("127.0.0.1", 1),
        Version = "8.0",
        Colour = ClusterColour.Green,
        DataDirectory = $"/var/lib/{name}",
    };
}
