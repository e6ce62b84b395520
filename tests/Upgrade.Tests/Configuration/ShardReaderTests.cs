using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Upgrade.Tests.Configuration;

/// <summary>A service whose shards have routers of their own is read as a whole, and each shard as a service of its own.</summary>
public sealed class ShardReaderTests
{
    private const string Head = """
        name: orders
        engine: redis
        version: "7.0"

        """;

    private const string Sharded = Head + """
        shards:
          - name: a
            nodes:
              - { name: a-1, endpoint: 127.0.0.1:7001, role: primary }
              - { name: a-2, endpoint: 127.0.0.1:7002 }
            router: { kind: gateway, listen: 127.0.0.1:6379 }
          - name: b
            nodes: [{ name: b-1, endpoint: 127.0.0.1:7003 }]
            router: { kind: gateway, listen: 127.0.0.1:6380, admin: ./b.sock }
        green: { version: "8.0", basePort: 7101 }
        limits: { shardsAtOnce: 2 }
        volumes:
          - { name: disk-b, node: b-1, uuid: 2f8d6f0e-5a9c-4d55-9a4c-0d9a6c1f7b21, filesystem: xfs, mountPoint: /srv/b }
        state: ./state
        guard: ./guard

        """;

    [Fact]
    public void Every_shard_is_a_service_with_a_state_a_guard_and_ports_of_its_own()
    {
        using var file = new ServiceFile(Sharded);

        var whole = file.Read();

        Assert.Equal((null, 2, 2), (whole.Shard, whole.Parts.Count, whole.Limits.ShardsAtOnce));
        var (a, b) = (whole.Parts[0], whole.Parts[1]);
        Assert.Equal(("orders-a", "a", file.FullName + "#a"), (a.Name, a.Shard, a.Path));
        Assert.Equal(["a-1", "a-2"], a.Blue.Nodes.Select(node => node.Name));
        Assert.Equal((Path.Combine(file.Folder, "state/shards/a"), Path.Combine(file.Folder, "guard/shards/a")), (a.StateDirectory, a.GuardDirectory));
        Assert.Equal((7101, 7103), (a.Green.BasePort, b.Green.BasePort));
        Assert.Equal((Path.Combine(file.Folder, "state/shards/a/gateway.sock"), Path.Combine(file.Folder, "b.sock")), (a.Router.Admin, b.Router.Admin));
        Assert.Equal((0, 1), (a.Volumes.Count, b.Volumes.Count));
        Assert.Empty(a.Parts);
    }

    [Fact]
    public void A_shard_is_named_behind_the_file_and_found_again_by_its_path()
    {
        using var file = new ServiceFile(Sharded);

        var part = file.ReadShard("#b");

        Assert.Equal(("orders-b", file.FullName + "#b"), (part.Name, part.Path));
        var unknown = Assert.Throws<UpgradeException>(() => file.ReadShard("#c"));
        Assert.Equal("UnknownShard", unknown.ErrorId);
        Assert.Contains("#a", unknown.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_whose_name_has_the_mark_in_it_is_a_file()
    {
        using var file = new ServiceFile(ServiceFile.Minimal);
        var other = Path.Combine(file.Folder, "orders#1.yaml");
        File.Copy(file.FullName, other);

        Assert.Equal((other, null), ServicePart.Split(other));
    }

    [Theory]
    [InlineData("shards: [{ name: a, nodes: [{ name: n, endpoint: 127.0.0.1:7001 }] }]", "MissingKey", "'router'")]
    [InlineData("shards:\n  - { name: a, nodes: [{ name: n, endpoint: 127.0.0.1:7001 }], router: { kind: gateway, listen: 127.0.0.1:1 } }\n  - { name: b, nodes: [{ name: m, endpoint: 127.0.0.1:7002 }] }", "MissingKey", ":6: shards[1]: The key 'router'")]
    [InlineData("nodes: [{ name: x, endpoint: 127.0.0.1:7000 }]\nshards: [{ name: a, nodes: [{ name: n, endpoint: 127.0.0.1:7001 }] }]", "ConflictingKeys", "'nodes' and 'shards'")]
    [InlineData("router: { kind: gateway, listen: 127.0.0.1:2 }\nshards:\n  - { name: a, nodes: [{ name: n, endpoint: 127.0.0.1:7001 }] }\n  - { name: b, nodes: [{ name: m, endpoint: 127.0.0.1:7002 }] }", "ConflictingKeys", ":4: router: One router")]
    [InlineData("shards:\n  - { name: a, nodes: [{ name: n, endpoint: 127.0.0.1:7001 }], router: { kind: gateway, listen: 127.0.0.1:1 } }\n  - { name: a, nodes: [{ name: m, endpoint: 127.0.0.1:7002 }], router: { kind: gateway, listen: 127.0.0.1:2 } }", "DuplicateName", ":6: shards[1].name: There are two shards 'a'")]
    [InlineData("shards:\n  - { name: a, nodes: [{ name: n, endpoint: 127.0.0.1:7001 }], router: { kind: gateway, listen: 127.0.0.1:1 } }\n  - { name: b, nodes: [{ name: n, endpoint: 127.0.0.1:7002 }], router: { kind: gateway, listen: 127.0.0.1:2 } }", "DuplicateName", "two nodes 'n'")]
    [InlineData("shards:\n  - { name: a, nodes: [{ name: n, endpoint: 127.0.0.1:7001 }], router: { kind: gateway, listen: 127.0.0.1:1 } }\n  - { name: b, nodes: [{ name: m, endpoint: 127.0.0.1:7001 }], router: { kind: gateway, listen: 127.0.0.1:2 } }", "DuplicateEndpoint", ":6: shards[1].nodes[0].endpoint")]
    [InlineData("shards:\n  - { name: a, nodes: [{ name: n, endpoint: 127.0.0.1:7001 }], router: { kind: gateway, listen: 127.0.0.1:1 } }\n  - { name: b, nodes: [{ name: m, endpoint: 127.0.0.1:7002 }], router: { kind: gateway, listen: 127.0.0.1:1 } }", "DuplicateEndpoint", ":6: shards[1].router.listen: Two routers")]
    [InlineData("shards:\n  - { name: a, nodes: [{ name: n, endpoint: 127.0.0.1:7001 }], router: { kind: gateway, listen: 127.0.0.1:7002 } }\n  - { name: b, nodes: [{ name: m, endpoint: 127.0.0.1:7002 }], router: { kind: gateway, listen: 127.0.0.1:2 } }", "DuplicateEndpoint", "where the node 'm' does")]
    [InlineData("shards:\n  - { name: a, nodes: [{ name: n, endpoint: 127.0.0.1:7001 }], router: { kind: gateway, listen: 127.0.0.1:1, admin: /tmp/x.sock } }\n  - { name: b, nodes: [{ name: m, endpoint: 127.0.0.1:7002 }], router: { kind: gateway, listen: 127.0.0.1:2, admin: /tmp/x.sock } }", "DuplicateEndpoint", "shards[1].router.admin")]
    [InlineData("shards: [{ name: 'a/b', nodes: [{ name: n, endpoint: 127.0.0.1:7001 }], router: { kind: gateway, listen: 127.0.0.1:1 } }]", "InvalidValue", "shards[0].name")]
    [InlineData("shards: [{ name: a, nodes: [{ name: n, endpoint: 127.0.0.1:7001 }], router: { kind: gateway, listen: 127.0.0.1:1 } }]\ngreen: { nodes: [{ name: g, endpoint: 127.0.0.1:7101 }] }", "ShardsDiffer", "green.nodes")]
    [InlineData("shards: [{ name: a, nodes: [{ name: n, endpoint: 127.0.0.1:7001 }], router: { kind: gateway, listen: 127.0.0.1:1 } }]\ngreen: { shards: [{ name: z, nodes: [{ name: g, endpoint: 127.0.0.1:7101 }] }] }", "ShardsDiffer", "keys are not moved")]
    [InlineData("shards: [{ name: a, nodes: [{ name: n, endpoint: 127.0.0.1:7001 }], router: { kind: gateway, listen: 127.0.0.1:1 } }]\ngreen: { shards: [{ name: a, nodes: [{ name: g, endpoint: 127.0.0.1:7101 }], router: { kind: gateway, listen: 127.0.0.1:2 } }] }", "ConflictingKeys", "green.shards[0].router")]
    public void What_cannot_be_is_refused_with_its_place(string text, string error, string says)
    {
        var refused = ServiceFile.Refuse(Head + text + "\n");

        Assert.Equal(error, refused.ErrorId);
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }
}
