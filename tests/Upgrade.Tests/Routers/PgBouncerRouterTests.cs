using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Routers;

/// <summary>Real PgBouncers before two real servers.</summary>
public sealed class PgBouncerRouterTests(ITestOutputHelper output)
{
    [ServerFact("postgresql-15", "postgresql-17", "pgbouncer")]
    public async Task Held_clients_wait_and_go_on_where_it_was_pointed_to()
    {
        await using var bed = new TestBed(output);
        using var stage = new RouterStage(bed);
        var blue = await bed.StartPostgresAsync("postgresql-15");
        var green = await bed.StartPostgresAsync("postgresql-17");
        var pooler = await bed.StartPgBouncerAsync(blue.Port);
        await using var router = stage.PgBouncer(blue.Port, [pooler]);
        await using var client = await PostgresServer.OpenAsync(pooler.Port, "app", "app");
        Assert.StartsWith("15", await VersionAsync(client), StringComparison.Ordinal);
        Assert.Equal($"127.0.0.1:{blue.Port}", (await router.GetStatusAsync(default)).WriteTarget);

        await router.RehearseAsync(default);
        await router.PrepareAsync(RouterStage.To(green.Port), 3, default);
        await router.HoldAsync(RouterStage.Limits, 3, default);
        await router.HoldAsync(RouterStage.Limits, 3, default);
        var held = VersionAsync(client);
        Assert.True((await router.GetStatusAsync(default)).Holding);
        await router.RouteReadsAsync(RouterStage.To(green.Port), 3, default);
        await Task.Delay(50);
        Assert.False(held.IsCompleted);
        await router.SwitchAsync(RouterStage.To(green.Port), 3, default);

        Assert.StartsWith("17", await held, StringComparison.Ordinal);
        var stale = await Assert.ThrowsAsync<UpgradeException>(() => router.SwitchAsync(RouterStage.To(blue.Port), 2, default));
        Assert.Equal(FailureCategory.StaleEpoch, stale.Category);
        Assert.Equal($"127.0.0.1:{green.Port}", (await router.GetStatusAsync(default)).WriteTarget);
        Assert.False(File.Exists(pooler.ConfigurationFile + ".statefuldeploy.next"));
        await pooler.RestartAsync();
        await using var later = await PostgresServer.OpenAsync(pooler.Port, "app", "app");
        Assert.StartsWith("17", await VersionAsync(later), StringComparison.Ordinal);
    }

    [ServerFact("postgresql-15", "pgbouncer")]
    public async Task A_transaction_that_does_not_end_does_not_keep_the_hold_from_standing()
    {
        await using var bed = new TestBed(output);
        using var stage = new RouterStage(bed);
        var blue = await bed.StartPostgresAsync("postgresql-15");
        var pooler = await bed.StartPgBouncerAsync(blue.Port);
        await using var router = stage.PgBouncer(blue.Port, [pooler]);
        await using var slow = await PostgresServer.OpenAsync(pooler.Port, "app", "app");
        await using var transaction = await slow.BeginTransactionAsync();
        await VersionAsync(slow);

        await router.HoldAsync(RouterStage.Limits, 1, default);
        await using var other = stage.PgBouncer(blue.Port, [pooler]);
        await other.ReleaseAsync(RouterStage.To(blue.Port), 2, default);

        await transaction.CommitAsync();
        Assert.StartsWith("15", await VersionAsync(slow), StringComparison.Ordinal);
        Assert.False((await other.GetStatusAsync(default)).Holding);
    }

    [ServerFact("postgresql-15", "postgresql-17", "pgbouncer")]
    public async Task One_of_several_that_is_dead_is_found_beforehand_and_one_that_dies_in_the_window_comes_back_at_the_target()
    {
        await using var bed = new TestBed(output);
        using var stage = new RouterStage(bed);
        var blue = await bed.StartPostgresAsync("postgresql-15");
        var green = await bed.StartPostgresAsync("postgresql-17");
        PgBouncerServer[] poolers = [await bed.StartPgBouncerAsync(blue.Port), await bed.StartPgBouncerAsync(blue.Port), await bed.StartPgBouncerAsync(blue.Port)];
        await using var router = stage.PgBouncer(blue.Port, poolers);
        await using var client = await PostgresServer.OpenAsync(poolers[0].Port, "app", "app");
        await poolers[2].KillAsync();
        Assert.Equal(["PgBouncerUnreachable"], await stage.RefusalsAsync(router, blue.Port));
        await poolers[2].StartAsync();
        Assert.Empty(await stage.RefusalsAsync(router, blue.Port));

        await router.PrepareAsync(RouterStage.To(green.Port), 1, default);
        await poolers[1].KillAsync();
        await router.HoldAsync(RouterStage.Limits, 1, default);
        var held = VersionAsync(client);
        await poolers[2].KillAsync();
        await router.RouteReadsAsync(RouterStage.To(green.Port), 1, default);
        Assert.False(held.IsCompleted);
        await router.SwitchAsync(RouterStage.To(green.Port), 1, default);

        Assert.StartsWith("17", await held, StringComparison.Ordinal);
        foreach (var dead in poolers[1..])
        {
            await dead.StartAsync();
            await using var later = await PostgresServer.OpenAsync(dead.Port, "app", "app");
            Assert.StartsWith("17", await VersionAsync(later), StringComparison.Ordinal);
        }
    }

    [ServerFact("postgresql-15", "postgresql-17", "pgbouncer")]
    public async Task One_that_is_restarted_in_the_window_with_its_old_file_is_pointed_to_the_target_all_the_same()
    {
        await using var bed = new TestBed(output);
        using var stage = new RouterStage(bed);
        var blue = await bed.StartPostgresAsync("postgresql-15");
        var green = await bed.StartPostgresAsync("postgresql-17");
        var pooler = await bed.StartPgBouncerAsync(blue.Port);
        await using var router = stage.PgBouncer(blue.Port, [pooler]);
        await router.PrepareAsync(RouterStage.To(green.Port), 1, default);

        await pooler.RestartAsync();
        await router.HoldAsync(RouterStage.Limits, 1, default);
        await pooler.RestartAsync();
        await router.RouteReadsAsync(RouterStage.To(green.Port), 1, default);
        await router.SwitchAsync(RouterStage.To(green.Port), 1, default);

        await using var client = await PostgresServer.OpenAsync(pooler.Port, "app", "app");
        Assert.StartsWith("17", await VersionAsync(client), StringComparison.Ordinal);
    }

    [ServerFact("postgresql-15", "postgresql-17", "pgbouncer")]
    public async Task One_of_several_that_hangs_keeps_all_from_being_held_and_after_the_commit_is_named_when_the_others_have_gone_on()
    {
        await using var bed = new TestBed(output);
        using var stage = new RouterStage(bed);
        var blue = await bed.StartPostgresAsync("postgresql-15");
        var green = await bed.StartPostgresAsync("postgresql-17");
        PgBouncerServer[] poolers = [await bed.StartPgBouncerAsync(blue.Port), await bed.StartPgBouncerAsync(blue.Port)];
        await using var router = stage.PgBouncer(blue.Port, poolers);
        await using var client = await PostgresServer.OpenAsync(poolers[0].Port, "app", "app");
        await router.PrepareAsync(RouterStage.To(green.Port), 1, default);

        await poolers[1].SuspendAsync();
        var silent = await Assert.ThrowsAsync<UpgradeException>(() => router.HoldAsync(RouterStage.Limits, 1, default));
        Assert.Equal("PgBouncerTimeout", silent.ErrorId);
        Assert.StartsWith("15", await VersionAsync(client), StringComparison.Ordinal);
        poolers[1].Continue();
        await router.ReleaseAsync(RouterStage.To(blue.Port), 1, default);

        await router.PrepareAsync(RouterStage.To(green.Port), 2, default);
        await router.HoldAsync(RouterStage.Limits, 2, default);
        await poolers[1].SuspendAsync();
        await router.RouteReadsAsync(RouterStage.To(green.Port), 2, default);
        var behind = await Assert.ThrowsAsync<UpgradeException>(() => router.SwitchAsync(RouterStage.To(green.Port), 2, default));
        Assert.Equal("RouterLeftBehind", behind.ErrorId);
        Assert.Contains($":{poolers[1].Port}", behind.Message, StringComparison.Ordinal);
        Assert.StartsWith("17", await VersionAsync(client), StringComparison.Ordinal);

        poolers[1].Continue();
        await router.SwitchAsync(RouterStage.To(green.Port), 2, default);
        await using var later = await PostgresServer.OpenAsync(poolers[1].Port, "app", "app");
        Assert.StartsWith("17", await VersionAsync(later), StringComparison.Ordinal);
    }

    [ServerFact("postgresql-15", "pgbouncer")]
    public async Task Sessions_are_pooled_by_consent_alone_and_every_database_must_be_in_the_file_and_at_the_writer()
    {
        await using var bed = new TestBed(output);
        using var stage = new RouterStage(bed);
        var blue = await bed.StartPostgresAsync("postgresql-15");
        var pooler = await bed.StartPgBouncerAsync(blue.Port, "session");
        await using var unaware = stage.PgBouncer(blue.Port, [pooler]);
        await using var consenting = stage.PgBouncer(blue.Port, [pooler], "session");
        Assert.Equal(["PgBouncerPoolMode"], await stage.RefusalsAsync(unaware, blue.Port));
        Assert.Empty(await stage.RefusalsAsync(consenting, blue.Port));
        Assert.True(unaware.Promise.KeepsConnections);
        Assert.False(consenting.Promise.KeepsConnections);

        var text = await File.ReadAllTextAsync(pooler.ConfigurationFile);
        await File.WriteAllTextAsync(pooler.ConfigurationFile, text.Replace("app = ", "other = ", StringComparison.Ordinal));
        Assert.Equal(["PgBouncerIncluded"], await stage.RefusalsAsync(consenting, blue.Port));
        await File.WriteAllTextAsync(pooler.ConfigurationFile, text.Replace("[pgbouncer]", "late = host=127.0.0.1 port=1\n[pgbouncer]", StringComparison.Ordinal));
        Assert.Equal(["PgBouncerTarget"], await stage.RefusalsAsync(consenting, blue.Port));
    }

    private static async Task<string> VersionAsync(NpgsqlConnection client)
    {
        await using var command = new NpgsqlCommand("SHOW server_version", client);
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
