using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.PostgreSql;

/// <summary>A blue with a physical replica, and a green with one, on real servers.</summary>
public sealed class PostgresReplicaTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [ServerFact("postgresql-15", "postgresql-17")]
    public async Task Green_has_a_replica_that_follows_before_and_after_the_switch_and_blues_is_closed_and_retired_with_it()
    {
        await using TestBed bed = new(output);
        (PostgresScene scene, PostgresServer standby) = await StartAsync(bed);
        await PostgresScene.AskAsync(scene.BlueNode, "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 1000); ALTER TABLE t OWNER TO app");
        Assert.Empty(await scene.FindingsAsync());
        await scene.FollowAsync();
        Node follower = scene.Green.Shards[0].Replicas.Single();
        Node left = scene.Service.Blue.Shards[0].Replicas.Single();
        Assert.Equal(GateState.Closed, await scene.Engine.Gate.ProbeAsync(follower, scene.Gate, default));
        Assert.Equal(GateState.NotWriter, await scene.Engine.Gate.ProbeAsync(left, scene.Gate, default));
        await CountsAsync(scene, follower, 1000);

        await scene.Engine.Gate.PrepareAsync(left, scene.Gate, default);
        await scene.Engine.Gate.CloseAsync(left, scene.Gate, default);
        Assert.Equal(GateState.Closed, await scene.Engine.Gate.ProbeAsync(left, scene.Gate, default));
        await PostgresScene.AskAsync(scene.BlueNode, "INSERT INTO t VALUES (1001)");
        ClusterPosition reverse = await scene.SwitchAsync(scene.Forward);
        await scene.Engine.Gate.OpenAsync(follower, scene.Gate, default);
        Assert.Equal(GateState.NotWriter, await scene.Engine.Gate.ProbeAsync(follower, scene.Gate, default));

        // The data class asks for one: it had everything before green opened.
        Assert.Equal(1001L, await PostgresScene.AskAsync(follower, "SELECT count(*) FROM t", user: "app"));
        await scene.Engine.Replicator.StartAsync(scene.Backward, reverse, default);
        await PostgresScene.AskAsync(scene.GreenNode, "INSERT INTO t VALUES (1002)", user: "app");
        await scene.StreamingAsync(scene.Backward);
        await CountsAsync(scene, left, 1002);

        await scene.Engine.Replicator.StopAsync(scene.Backward, default);
        await scene.Engine.Provisioner.RetireAsync(scene.Backward, scene.Service.Blue, default);
        await standby.Process.WaitForExitAsync(Patience);
        Assert.False(standby.Running);
        Assert.Equal(0L, await PostgresScene.AskAsync(scene.GreenNode, "SELECT count(*) FROM pg_roles WHERE rolname = 'statefuldeploy'"));

        // Nothing of ours is needed for it to go on.
        await PostgresScene.AskAsync(scene.GreenNode, "SELECT pg_terminate_backend(pid) FROM pg_stat_replication");
        await PostgresScene.AskAsync(scene.GreenNode, "INSERT INTO t VALUES (1003)", user: "app");
        await TestBed.WaitUntilAsync(async () => (long)(await PostgresScene.AskAsync(follower, "SELECT count(*) FROM t"))! == 1003, "the replica has it", Patience);
        Assert.DoesNotContain("#|", await File.ReadAllTextAsync(Path.Combine(follower.DataDirectory!, "pg_hba.conf")), StringComparison.Ordinal);
    }

    [ServerFact("postgresql-15", "postgresql-17", Full = true)]
    public async Task A_replica_that_does_not_follow_stands_against_the_window_and_the_undo_leaves_nothing_of_green_and_blues_as_it_was()
    {
        await using TestBed bed = new(output);
        (PostgresScene scene, PostgresServer standby) = await StartAsync(bed);
        scene.Service = scene.Service with { Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["database"] = "app", ["initialCopy"] = "physical" } };
        string rules = await File.ReadAllTextAsync(Path.Combine(standby.Data, "pg_hba.conf"));
        await PostgresScene.AskAsync(scene.BlueNode, "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 1000)");
        await scene.FollowAsync();
        Node follower = scene.Green.Shards[0].Replicas.Single();

        // The green of a base backup is another system than the one that was provisioned: its replica was made anew.
        await CountsAsync(scene, follower, 1000);
        await scene.Engine.Switchover.RehearseAsync(scene.Forward, default);
        await using (NpgsqlConnection control = await scene.ControlAsync(follower, "postgres"))
        {
            await PostgresScene.AskAsync(control, "ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=1'; ");
            await PostgresScene.AskAsync(control, "SELECT pg_reload_conf()");
        }

        UpgradeException refused = await Assert.ThrowsAsync<UpgradeException>(() => scene.Engine.Switchover.RehearseAsync(scene.Forward, default));
        Assert.Equal("ReplicaNotFollowing", refused.ErrorId);
        Assert.Contains(follower.Name, refused.Message, StringComparison.Ordinal);
        await scene.Engine.Gate.PrepareAsync(scene.Service.Blue.Shards[0].Replicas.Single(), scene.Gate, default);
        await scene.Engine.Gate.CloseAsync(scene.Service.Blue.Shards[0].Replicas.Single(), scene.Gate, default);
        await scene.Engine.Gate.OpenAsync(scene.Service.Blue.Shards[0].Replicas.Single(), scene.Gate, default);
        await scene.Engine.Replicator.StopAsync(scene.Forward, default);
        await scene.Engine.Provisioner.RemoveAsync(scene.Forward, scene.Green, default);
        Assert.Empty(Directory.GetFileSystemEntries(scene.Service.Green.DataRoot!));
        Assert.Equal(rules, await File.ReadAllTextAsync(Path.Combine(standby.Data, "pg_hba.conf")));
        await PostgresScene.AskAsync(scene.BlueNode, "INSERT INTO t VALUES (1001)");
        await TestBed.WaitUntilAsync(async () => await standby.AskAsync("SELECT count(*) FROM t", "app") == "1001", "blue's replica goes on", Patience);
    }

    [ServerFact("postgresql-15", "postgresql-17", Full = true)]
    public async Task A_node_that_is_no_replica_of_blue_is_refused()
    {
        await using TestBed bed = new(output);
        (PostgresScene scene, _) = await StartAsync(bed);
        PostgresServer stranger = await bed.StartPostgresAsync("postgresql-15");
        Shard shard = scene.Service.Blue.Shards[0];
        scene.Service = scene.Service with { Blue = scene.Service.Blue with { Shards = [shard with { Nodes = [shard.Primary, shard.Replicas.Single() with { Endpoint = new NodeEndpoint("127.0.0.1", stranger.Port) }] }] } };
        Assert.Equal("NotItsReplica", Assert.Single(await scene.RefusalsAsync()).Code);
    }

    private static async Task<(PostgresScene Scene, PostgresServer Standby)> StartAsync(TestBed bed)
    {
        PostgresScene scene = await PostgresScene.StartAsync(bed);
        PostgresServer standby = await bed.StartPostgresStandbyAsync(scene.Blue);
        Node replica = new() { Name = "blue-2", Role = NodeRole.Replica, Endpoint = new NodeEndpoint("127.0.0.1", standby.Port), Version = "15", DataDirectory = standby.Data, Colour = ClusterColour.Blue };
        Shard shard = scene.Service.Blue.Shards[0];
        scene.Service = scene.Service with { DataClass = new DataClass("hot", 1, 0, TimeSpan.Zero), Blue = scene.Service.Blue with { Shards = [shard with { Nodes = [.. shard.Nodes, replica] }] } };
        scene.Green = await scene.Engine.Preflight.PlanGreenAsync(scene.Service, "17", scene.Hosts, default);
        return (scene, standby);
    }

    private static async Task CountsAsync(PostgresScene scene, Node node, long count)
    {
        await using NpgsqlConnection control = await scene.ControlAsync(node, "app");
        await TestBed.WaitUntilAsync(async () => (long)(await PostgresScene.AskAsync(control, "SELECT count(*) FROM public.t"))! == count, $"{node} has {count} rows", Patience);
    }
}
