using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using StatefulDeploy.Routers.PgBouncer;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Routers;

/// <summary>A real PgBouncer before two real servers.</summary>
public sealed class PgBouncerRouterTests(ITestOutputHelper output)
{
    private static readonly HoldLimits Limits = new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10), 1 << 20, TimeSpan.FromMilliseconds(300));

    [ServerFact("postgresql-15", "postgresql-17", "pgbouncer")]
    public async Task Held_clients_wait_and_go_on_where_it_was_pointed_to()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartPostgresAsync("postgresql-15");
        var green = await bed.StartPostgresAsync("postgresql-17");
        var pooler = await bed.StartPgBouncerAsync(blue.Port);
        await using var router = new PgBouncerRouter(Describe(bed, pooler, blue.Port));
        await using var client = await PostgresServer.OpenAsync(pooler.Port, "app", "app");
        Assert.StartsWith("15", await VersionAsync(client), StringComparison.Ordinal);
        Assert.Equal($"127.0.0.1:{blue.Port}", (await router.GetStatusAsync(default)).WriteTarget);

        await router.HoldAsync(Limits, 3, default);
        await router.HoldAsync(Limits, 3, default);
        var held = VersionAsync(client);
        Assert.True((await router.GetStatusAsync(default)).Holding);
        await router.RouteReadsAsync(Targets(green.Port), 3, default);
        await Task.Delay(50);
        Assert.False(held.IsCompleted);
        await router.SwitchAsync(Targets(green.Port), 3, default);

        Assert.StartsWith("17", await held, StringComparison.Ordinal);
        var stale = await Assert.ThrowsAsync<UpgradeException>(() => router.SwitchAsync(Targets(blue.Port), 2, default));
        Assert.Equal(FailureCategory.StaleEpoch, stale.Category);
        Assert.Equal($"127.0.0.1:{green.Port}", (await router.GetStatusAsync(default)).WriteTarget);
        await pooler.RestartAsync();
        await using var later = await PostgresServer.OpenAsync(pooler.Port, "app", "app");
        Assert.StartsWith("17", await VersionAsync(later), StringComparison.Ordinal);
    }

    [ServerFact("postgresql-15", "pgbouncer")]
    public async Task A_transaction_that_does_not_end_does_not_keep_the_hold_from_standing()
    {
        await using var bed = new TestBed(output);
        var blue = await bed.StartPostgresAsync("postgresql-15");
        var pooler = await bed.StartPgBouncerAsync(blue.Port);
        await using var router = new PgBouncerRouter(Describe(bed, pooler, blue.Port));
        await using var slow = await PostgresServer.OpenAsync(pooler.Port, "app", "app");
        await using var transaction = await slow.BeginTransactionAsync();
        await VersionAsync(slow);

        await router.HoldAsync(Limits, 1, default);
        await using var other = new PgBouncerRouter(Describe(bed, pooler, blue.Port));
        await other.ReleaseAsync(Targets(blue.Port), 2, default);

        await transaction.CommitAsync();
        Assert.StartsWith("15", await VersionAsync(slow), StringComparison.Ordinal);
        Assert.False((await other.GetStatusAsync(default)).Holding);
    }

    private static RouterTargets Targets(int port) => new(new Dictionary<string, NodeEndpoint>(StringComparer.Ordinal) { ["main"] = new("127.0.0.1", port) });

    private static async Task<string> VersionAsync(NpgsqlConnection client)
    {
        await using var command = new NpgsqlCommand("SHOW server_version", client);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private static ServiceDescription Describe(TestBed bed, PgBouncerServer pooler, int blue)
    {
        File.WriteAllText(Path.Combine(bed.Folder, "password"), PostgresServer.AdminPassword);
        return new ServiceDescription
        {
            Name = "orders",
            Path = Path.Combine(bed.Folder, "orders.yaml"),
            Engine = "postgresql",
            Blue = new ClusterLayout(ClusterColour.Blue, "15", [new Shard("main", [new Node { Name = "blue-1", Endpoint = new NodeEndpoint("127.0.0.1", blue), Version = "15" }])]),
            Router = new RouterDescription("pgbouncer", new NodeEndpoint("127.0.0.1", pooler.Port), $"127.0.0.1:{pooler.Port}", new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["configFile"] = pooler.ConfigurationFile, ["adminUser"] = "postgres", ["adminPasswordFile"] = "./password",
            }),
            StateDirectory = bed.NewFolder("state"),
            GuardDirectory = bed.NewFolder("guard"),
        };
    }
}
