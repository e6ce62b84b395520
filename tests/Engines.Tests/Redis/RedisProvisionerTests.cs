using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.Redis;

/// <summary>Green nodes: what they are given, and what stops them.</summary>
public sealed class RedisProvisionerTests(ITestOutputHelper output)
{
    [ServerTheory]
    [ServerData("redis-7.0", "redis-8.0")]
    [ServerData("redis-7.0", "valkey-8.1")]
    public async Task Passwords_users_and_replicas_are_carried_and_a_critical_service_switches_with_its_replicas(string from, string to)
    {
        await using TestBed bed = new(output);
        RedisServer primary = await bed.StartRedisAsync(from, "requirepass secret", "user app on >apw ~* &* +@all -@admin", "user default on >secret ~* &* +@all", "appendonly yes", "appendfsync always", "client-output-buffer-limit pubsub 64mb 16mb 90", "save 900 1 300 10");
        primary.Password = "secret";
        RedisServer replica = await bed.StartRedisAsync(from, "user app on >apw ~* &* +@all -@admin", "user default on >secret ~* &* +@all", "masterauth secret", $"replicaof 127.0.0.1 {primary.Port}");
        replica.Password = "secret";
        await TestBed.WaitUntilAsync(async () => await replica.InfoAsync("master_link_status") == "up", "the replica follows", TimeSpan.FromSeconds(10));
        RedisScene scene = await RedisScene.OfAsync(bed, [primary, replica], to);
        string password = Path.Combine(bed.Folder, "password");
        await File.WriteAllTextAsync(password, "secret\n");
        string appPassword = Path.Combine(bed.Folder, "app");
        await File.WriteAllTextAsync(appPassword, "apw\n");
        scene.Service = scene.Service with { Admin = new CredentialDescription(null, password, null), Client = new CredentialDescription("app", appPassword, null), DataClass = DataClass.Critical };
        Assert.DoesNotContain(await scene.Engine.Preflight.InspectAsync(scene.Forward, default), finding => finding.Severity == FindingSeverity.Refuse);

        await scene.FollowAsync();
        await scene.Engine.Provisioner.ProvisionAsync(scene.Forward, default);
        await using TestClient app = await RedisScene.ClientAsync(scene.BlueNode, "app", "apw");
        Assert.Equal("OK", await app.SayAsync("SET a 1"));
        await scene.SwitchAsync(scene.Forward);

        Assert.StartsWith("NOPERM", await app.SayAsync("SET a 1"));
        await using TestClient green = await RedisScene.ClientAsync(scene.GreenNode, "app", "apw");
        Assert.Equal("OK", await green.SayAsync("SET b 1"));
        Assert.StartsWith("NOPERM", await green.SayAsync("CONFIG GET *"));
        await using TestClient admin = await RedisScene.ClientAsync(scene.GreenNode, "default", "secret");
        Assert.Equal("appendfsync always", await admin.SayAsync("CONFIG GET appendfsync"));
        Assert.Equal("save 900 1 300 10", await admin.SayAsync("CONFIG GET save"));
        Assert.Contains("pubsub 67108864 16777216 90", await admin.SayAsync("CONFIG GET client-output-buffer-limit"));
        await using TestClient second = await RedisScene.ClientAsync(scene.Green.Nodes.Last(), "app", "apw");
        await TestBed.WaitUntilAsync(async () => await second.SayAsync("GET b") == "1", "green's replica follows", TimeSpan.FromSeconds(5));
        Assert.StartsWith("READONLY", await second.SayAsync("SET c 1"));
        Assert.Equal("600\n", (await scene.Hosts["local"].RunAsync(new HostCommand("stat", "-c", "%a", scene.GreenNode.ConfigFile!), default)).Output);
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task Green_comes_up_closed_after_a_kill_and_open_once_it_was_opened()
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, "redis-7.0", "redis-8.0", 0, "appendonly yes");
        await scene.FollowAsync();
        await KillGreenAsync(scene);
        await scene.Engine.Provisioner.ProvisionAsync(scene.Forward, default);
        await using (TestClient closed = await RedisScene.ClientAsync(scene.GreenNode))
        {
            Assert.StartsWith("NOPERM", await closed.SayAsync("SET a 1"));
            Assert.StartsWith("NOPERM", await closed.SayAsync("VADD v VALUES 2 1 1 e"));
        }

        Assert.NotEqual(ReplicationState.Streaming, (await scene.Engine.Replicator.GetStatusAsync(scene.Forward, default)).State);
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await scene.StreamingAsync(scene.Forward);
        await scene.SwitchAsync(scene.Forward);
        Assert.Equal(GateState.Open, await scene.Engine.Gate.ProbeAsync(scene.GreenNode, scene.Gate, default));
        await KillGreenAsync(scene);
        await scene.Engine.Provisioner.ProvisionAsync(scene.Forward, default);
        await using TestClient open = await RedisScene.ClientAsync(scene.GreenNode);
        Assert.Equal("OK", await open.SayAsync("SET a 1"));
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_taken_port_a_taken_folder_and_a_wrong_setting_are_told_clearly_and_removal_leaves_what_is_not_ours()
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, "redis-7.0", "redis-8.0");
        ClusterLayout planned = scene.Green;
        scene.Green = planned with { Shards = [new Shard("s1", [scene.GreenNode with { Endpoint = scene.BlueNode.Endpoint }])] };
        Assert.Equal("GreenPortTaken", (await Assert.ThrowsAsync<UpgradeException>(() => scene.Engine.Provisioner.ProvisionAsync(scene.Forward, default))).ErrorId);

        scene.Green = planned with { Shards = [new Shard("s1", [scene.GreenNode with { Endpoint = planned.Writer.Endpoint, DataDirectory = scene.Blue[0].Folder, ConfigFile = scene.BlueNode.ConfigFile }])] };
        Assert.Equal("GreenFolderTaken", (await Assert.ThrowsAsync<UpgradeException>(() => scene.Engine.Provisioner.ProvisionAsync(scene.Forward, default))).ErrorId);
        await scene.Engine.Provisioner.RemoveAsync(scene.Forward, scene.Green, default);
        Assert.True(File.Exists(scene.BlueNode.ConfigFile));

        scene.Green = planned;
        scene.Service = scene.Service with { Green = scene.Service.Green with { Settings = new Dictionary<string, string> { ["no-such-setting"] = "1" } } };
        UpgradeException failed = await Assert.ThrowsAsync<UpgradeException>(() => scene.Engine.Provisioner.ProvisionAsync(scene.Forward, default));
        Assert.Equal("GreenDidNotStart", failed.ErrorId);
        Assert.Contains("no-such-setting", failed.Message);
        await scene.Engine.Provisioner.RemoveAsync(scene.Forward, scene.Green, default);
        Assert.False(Directory.Exists(scene.GreenNode.DataDirectory));
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_snapshot_has_its_checksum_and_restores_and_a_retired_blue_is_gone_with_its_data_kept()
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, "redis-7.0", "redis-8.0");
        await using TestClient client = await RedisScene.ClientAsync(scene.BlueNode);
        await client.SayAsync("SET a 1");

        SnapshotRecord snapshot = await scene.Engine.Snapshotter.TakeAsync(scene.Forward, Path.Combine(bed.Folder, "snapshots", "one"), default);

        string file = Path.Combine(snapshot.Folder, "s1.rdb");
        Assert.Equal(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(file))).ToLowerInvariant(), snapshot.Sha256["s1.rdb"]);
        Assert.Equal(new FileInfo(file).Length, snapshot.Bytes);
        RedisServer restored = await bed.StartRedisAsync("redis-7.0", $"dir {snapshot.Folder}", "dbfilename s1.rdb");
        Assert.Equal("1", await restored.CallAsync("GET", "a"));

        Assert.Single(await scene.Engine.Provisioner.ListClientsAsync(scene.Forward, scene.Service.Blue, default));
        await scene.Engine.Provisioner.RetireAsync(scene.Forward, scene.Service.Blue, default);
        await scene.Engine.Provisioner.RetireAsync(scene.Forward, scene.Service.Blue, default);
        await TestBed.WaitUntilAsync(() => Task.FromResult(!scene.Blue[0].Running), "blue has ended", TimeSpan.FromSeconds(5));
        Assert.True(Directory.Exists(scene.Blue[0].Folder));
    }

    [ServerTheory]
    [ServerData("redis-7.0", "redis-8.0")]
    [ServerData("redis-7.0", "valkey-8.1")]
    public async Task A_copy_has_the_data_takes_writes_and_is_in_nobody_s_way(string from, string to)
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, from, to, 0, "appendonly yes", "user app on >apw ~* &* +@all");
        await using TestClient blue = await RedisScene.ClientAsync(scene.BlueNode);
        await blue.SayAsync("SET a 1");
        await scene.FollowAsync();
        foreach (ClusterLayout of in new[] { scene.Service.Blue, scene.Green })
        {
            ClusterLayout copy = await scene.Engine.Copies!.MakeAsync(scene.Forward, of, "suite", default);
            await using (TestClient client = await RedisScene.ClientAsync(copy.Writer, "app", "apw"))
            {
                Assert.Equal("1", await client.SayAsync("GET a"));
                Assert.Equal("OK", await client.SayAsync("SET a 2"));
                Assert.StartsWith("master", await client.SayAsync("ROLE"));
            }

            Assert.Equal("1", await blue.SayAsync("GET a"));
            await scene.Engine.Copies.RemoveAsync(scene.Forward, of, "suite", default);
            await scene.Engine.Copies.RemoveAsync(scene.Forward, of, "suite", default);
            Assert.False(Directory.Exists(copy.Writer.DataDirectory));
            Assert.True(await scene.Hosts["local"].IsPortFreeAsync("127.0.0.1", copy.Writer.Endpoint.Port, default));
        }

        Assert.Equal(ReplicationState.Streaming, (await scene.Engine.Replicator.GetStatusAsync(scene.Forward, default)).State);
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_start_that_was_interrupted_at_any_point_is_taken_up_again()
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, "redis-7.0", "redis-8.0");
        await scene.Engine.Provisioner.ProvisionAsync(scene.Forward, default);
        string record = Path.Combine(scene.GreenNode.DataDirectory!, "statefuldeploy.json");

        // The server runs, and the note of its process was not written.
        await File.WriteAllTextAsync(record, """{"Service":"orders","Node":"green-1","Process":null}""");
        await scene.Engine.Provisioner.ProvisionAsync(scene.Forward, default);
        await scene.Engine.Provisioner.RemoveAsync(scene.Forward, scene.Green, default);
        Assert.True(await scene.Hosts["local"].IsPortFreeAsync("127.0.0.1", scene.GreenNode.Endpoint.Port, default));

        // The folder was made, and the configuration not written.
        Directory.CreateDirectory(scene.GreenNode.DataDirectory!);
        await File.WriteAllTextAsync(record, """{"Service":"orders","Node":"green-1","Process":null}""");
        await scene.FollowAsync();
        Assert.Equal(GateState.Closed, await scene.Engine.Gate.ProbeAsync(scene.GreenNode, scene.Gate, default));
    }

    private static async Task KillGreenAsync(RedisScene scene)
    {
        await using TestClient control = await RedisScene.ClientAsync(scene.GreenNode, "statefuldeploy", scene.Secrets.GetOrCreate("redis-control"));
        string info = await control.SayAsync("INFO server");
        int id = int.Parse(info.Split("process_id:")[1].Split('\r')[0]);
        System.Diagnostics.Process.GetProcessById(id).Kill();
        await TestBed.WaitUntilAsync(() => scene.Hosts["local"].IsPortFreeAsync("127.0.0.1", scene.GreenNode.Endpoint.Port, default), "green is dead", TimeSpan.FromSeconds(5));
    }
}
