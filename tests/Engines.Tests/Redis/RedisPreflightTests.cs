using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.Redis;

/// <summary>What is refused before anything is touched.</summary>
public sealed class RedisPreflightTests(ITestOutputHelper output)
{
    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_sound_service_is_not_refused_and_nothing_is_touched()
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, "redis-7.0", "redis-8.0", 1);
        string configuration = await File.ReadAllTextAsync(scene.BlueNode.ConfigFile!);
        string users = await scene.Blue[0].CallAsync("ACL", "LIST");

        Assert.DoesNotContain(await scene.Engine.Preflight.InspectAsync(scene.Forward, default), finding => finding.Severity == FindingSeverity.Refuse);

        Assert.Equal(configuration, await File.ReadAllTextAsync(scene.BlueNode.ConfigFile!));
        Assert.Equal(users, await scene.Blue[0].CallAsync("ACL", "LIST"));
        NodeStatus status = await scene.Engine.Preflight.ProbeAsync(scene.BlueNode, scene.Forward, default);
        Assert.Equal((true, "7.0.15", NodeRole.Primary, true), (status.Reachable, status.Version, status.Role, status.Writable));
        Assert.Equal(WayBackKind.Relay, (await scene.Engine.Preflight.FindWayBackAsync(scene.Forward, default)).Kind);
        Assert.True(await scene.Engine.Preflight.MeasureAsync(scene.Forward, default) > 0);
    }

    [ServerTheory]
    [ServerData("redis-7.0", "cluster-enabled yes", "ClusterMode")]
    [ServerData("redis-7.0", "rename-command FLUSHALL \"\"", "CommandsRenamed")]
    [ServerData("redis-7.0", "min-replicas-to-write 0\nmin-replicas-to-write 1", "TooFewGreenReplicas")]
    [ServerData("redis-7.0", "user default on nopass ~* &* +@all -config|set", "AdminLacksPrivilege")]
    [ServerData("redis-7.0", "user default on nopass ~a* &* +@all", "ProbeMayNotWrite")]
    public async Task A_setting_that_cannot_be_carried_is_refused_with_its_remedy(string server, string setting, string code)
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, server, "redis-8.0", 0, setting.Split('\n'));

        Finding finding = Assert.Single(await scene.Engine.Preflight.InspectAsync(scene.Forward, default), finding => finding.Code == code);

        Assert.Equal(FindingSeverity.Refuse, finding.Severity);
        Assert.NotEmpty(finding.Remedy);
    }

    [ServerFact("redis-8.0", "valkey-8.1")]
    public async Task A_target_that_cannot_load_the_snapshots_is_refused()
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, "redis-8.0", "valkey-8.1");

        Assert.Contains(await scene.Engine.Preflight.InspectAsync(scene.Forward, default), finding => finding.Code is "SnapshotUnreadable" or "TargetOlder");
        await scene.Engine.Provisioner.ProvisionAsync(scene.Forward, default);
        UpgradeException refused = await Assert.ThrowsAsync<UpgradeException>(() => scene.Engine.Replicator.StartAsync(scene.Forward, null, default));
        Assert.Equal("SnapshotUnreadable", refused.ErrorId);
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task An_older_target_is_refused()
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, "redis-8.0", "redis-7.0");

        Assert.Contains(await scene.Engine.Preflight.InspectAsync(scene.Forward, default), finding => finding is { Code: "TargetOlder", Severity: FindingSeverity.Refuse });
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_replica_that_is_not_described_a_writable_one_and_a_sentinel_are_refused()
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, "redis-7.0", "redis-8.0", 1, "replica-read-only no");
        await bed.StartReplicaAsync(scene.Blue[0]);
        await using TestClient sentinel = await RedisScene.ClientAsync(scene.BlueNode);
        await sentinel.SayAsync("SUBSCRIBE __sentinel__:hello");

        IReadOnlyList<Finding> findings = await scene.Engine.Preflight.InspectAsync(scene.Forward, default);

        Assert.Superset(new HashSet<string> { "UndescribedReplica", "ReplicaWritable", "SentinelWatches" }, findings.Where(finding => finding.Severity == FindingSeverity.Refuse).Select(finding => finding.Code).ToHashSet());
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task Users_in_an_included_file_are_refused()
    {
        await using TestBed bed = new(output);
        string included = Path.Combine(bed.Folder, "users.conf");
        await File.WriteAllTextAsync(included, "user alice on nopass ~* +@all\n");
        RedisScene scene = await RedisScene.StartAsync(bed, "redis-7.0", "redis-8.0", 0, $"include {included}");

        Assert.Contains(await scene.Engine.Preflight.InspectAsync(scene.Forward, default), finding => finding is { Code: "UsersIncluded", Severity: FindingSeverity.Refuse });
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_dead_node_a_wrong_password_a_wrong_version_and_a_taken_port_are_refused()
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, "redis-7.0", "redis-8.0", 0, "requirepass secret");
        Assert.Contains(await scene.Engine.Preflight.InspectAsync(scene.Forward, default), finding => finding.Severity == FindingSeverity.Refuse);
        NodeStatus status = await scene.Engine.Preflight.ProbeAsync(scene.BlueNode, scene.Forward, default);
        Assert.False(status.Reachable);

        string password = Path.Combine(bed.Folder, "password");
        await File.WriteAllTextAsync(password, "wrong\n");
        scene.Service = scene.Service with { Admin = new CredentialDescription(null, password, null) };
        Finding refused = Assert.Single(await scene.Engine.Preflight.InspectAsync(scene.Forward, default), finding => finding.Code == "LoginRefused");
        Assert.DoesNotContain("wrong", refused.Message);

        await File.WriteAllTextAsync(password, "secret\n");
        scene.Service = scene.Service with { Blue = scene.Service.Blue with { Shards = [new Shard("s1", [scene.BlueNode with { Version = "7.2" }])] } };
        scene.Green = scene.Green with { Shards = [new Shard("s1", [scene.GreenNode with { Endpoint = scene.BlueNode.Endpoint }])] };
        IReadOnlyList<Finding> findings = await scene.Engine.Preflight.InspectAsync(scene.Forward, default);
        Assert.Contains(findings, finding => finding is { Code: "VersionDiffers", Severity: FindingSeverity.Refuse });
        Assert.Contains(findings, finding => finding is { Code: "GreenPortTaken", Severity: FindingSeverity.Refuse });

        await scene.Blue[0].KillAsync();
        Assert.Contains(await scene.Engine.Preflight.InspectAsync(scene.Forward, default), finding => finding is { Code: "NodeUnreachable", Severity: FindingSeverity.Refuse });
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task An_unknown_version_and_missing_software_are_told_with_what_there_is()
    {
        await using TestBed bed = new(output);
        RedisScene scene = await RedisScene.StartAsync(bed, "redis-7.0", "redis-8.0");

        UpgradeException unknown = await Assert.ThrowsAsync<UpgradeException>(() => scene.Engine.Preflight.PlanGreenAsync(scene.Service, "latest", scene.Hosts, default));
        Assert.Equal("UnknownVersion", unknown.ErrorId);
        UpgradeException missing = await Assert.ThrowsAsync<UpgradeException>(() => scene.Engine.Preflight.PlanGreenAsync(scene.Service, "9.9", scene.Hosts, default));
        Assert.Equal("SoftwareMissing", missing.ErrorId);
    }
}
