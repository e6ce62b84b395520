using System.Globalization;
using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.PostgreSql;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.PostgreSql;

/// <summary>What goes wrong with a stream of changes, on real servers: it is told in words, and mended by starting again.</summary>
public sealed class PostgresReplicationTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [ServerFact("postgresql-15", "postgresql-17", Full = true)]
    public async Task A_conflict_on_the_target_is_told_with_its_table_and_key_and_a_new_start_copies_anew()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await PostgresScene.StartAsync(bed);
        await scene.FollowAsync();
        ReplicationStatus well = await scene.Engine.Replicator.GetStatusAsync(scene.Forward, default);
        Assert.True(well.LagTime >= TimeSpan.Zero || well.LagBytes > 0, well.ToString());
        await using (NpgsqlConnection green = await scene.ControlAsync(scene.GreenNode, "app"))
        {
            await PostgresScene.AskAsync(green, "INSERT INTO public.ledger_counter VALUES (77, 1)");
        }

        await PostgresScene.AskAsync(scene.BlueNode, "INSERT INTO ledger_counter VALUES (77, 2)");
        ReplicationStatus broken = await BrokenAsync(scene);
        Assert.Contains("duplicate key", broken.Message, StringComparison.Ordinal);
        Assert.Contains("(client)=(77)", broken.Message, StringComparison.Ordinal);
        Assert.Contains("INSERT in public.ledger_counter", broken.Message, StringComparison.Ordinal);

        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await scene.StreamingAsync(scene.Forward);
        ComparisonResult same = await scene.Engine.Comparer.CompareAsync(scene.Forward, new ComparisonOptions(), default);
        Assert.True(same.Passed, string.Join('\n', same.Details));
    }

    [ServerFact("postgresql-15", "postgresql-17", Full = true)]
    public async Task A_slot_that_the_server_takes_away_is_told_and_a_new_start_copies_anew()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await PostgresScene.StartAsync(bed, "max_wal_size = '64MB'", "min_wal_size = '32MB'");
        await scene.FollowAsync();
        await using (NpgsqlConnection green = await scene.ControlAsync(scene.GreenNode, "app"))
        {
            await PostgresScene.AskAsync(green, "ALTER SUBSCRIPTION statefuldeploy_to_green DISABLE");
        }

        await scene.Blue.AskAsync("ALTER SYSTEM SET max_slot_wal_keep_size = '16MB'");
        await scene.Blue.AskAsync("SELECT pg_reload_conf()");
        await TestBed.WaitUntilAsync(
            async () =>
            {
                await scene.Blue.AskAsync("INSERT INTO ledger_record SELECT 5, (random() * 1e15)::bigint, repeat('x', 900) FROM generate_series(1, 9000) ON CONFLICT DO NOTHING; SELECT pg_switch_wal()", "app");
                await scene.Blue.AskAsync("CHECKPOINT");
                return await scene.Blue.AskAsync($"SELECT wal_status FROM pg_replication_slots WHERE slot_name = '{PostgresNames.Slot(ClusterColour.Green, "app")}'") == "lost";
            },
            "the slot is taken away", Patience);
        await scene.Blue.AskAsync("ALTER SYSTEM RESET max_slot_wal_keep_size");
        await scene.Blue.AskAsync("SELECT pg_reload_conf()");

        ReplicationStatus broken = await BrokenAsync(scene);
        Assert.Contains("max_slot_wal_keep_size", broken.Message, StringComparison.Ordinal);
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await scene.StreamingAsync(scene.Forward);
        ComparisonResult same = await scene.Engine.Comparer.CompareAsync(scene.Forward, new ComparisonOptions(), default);
        Assert.True(same.Passed, string.Join('\n', same.Details));
    }

    [ServerFact("postgresql-15", "postgresql-17", Full = true)]
    public async Task Slots_are_given_up_before_the_disk_of_the_source_is_full_and_a_new_start_copies_anew()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await PostgresScene.StartAsync(bed);
        await scene.FollowAsync();
        await using (NpgsqlConnection green = await scene.ControlAsync(scene.GreenNode, "app"))
        {
            await PostgresScene.AskAsync(green, "ALTER SUBSCRIPTION statefuldeploy_to_green DISABLE");
        }

        // No disk has that much left.
        scene.Service = scene.Service with { Settings = new Dictionary<string, string>(scene.Service.Settings, StringComparer.Ordinal) { [PostgresSlotSafety.FloorSetting] = (1L << 60).ToString(CultureInfo.InvariantCulture) } };
        await new PostgreSqlEngine().Replicator.GetStatusAsync(scene.Forward, default);
        Assert.Equal("2", await SlotsAsync(scene));

        await scene.Blue.AskAsync("INSERT INTO ledger_record SELECT 6, i, repeat('x', 900) FROM generate_series(1, 90000) i", "app");
        ReplicationStatus status = await new PostgreSqlEngine().Replicator.GetStatusAsync(scene.Forward, default);
        Assert.Equal(ReplicationState.Broken, status.State);
        Assert.Contains("given up", status.Message, StringComparison.Ordinal);
        Assert.Equal("0", await SlotsAsync(scene));

        scene.Service = scene.Service with { Settings = scene.Service.Settings.Where(pair => pair.Key != PostgresSlotSafety.FloorSetting).ToDictionary(StringComparer.Ordinal) };
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await scene.StreamingAsync(scene.Forward);
        ComparisonResult same = await scene.Engine.Comparer.CompareAsync(scene.Forward, new ComparisonOptions(), default);
        Assert.True(same.Passed, string.Join('\n', same.Details));
    }

    [ServerFact("postgresql-15", "postgresql-17", Full = true)]
    public async Task A_change_of_the_schema_that_slips_past_the_freeze_is_named_before_the_window_and_taken_back_it_is_no_more()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await PostgresScene.StartAsync(bed);
        await PostgresScene.AskAsync(scene.BlueNode, "CREATE TABLE parts (id int PRIMARY KEY, v int, w text DEFAULT 'w') PARTITION BY RANGE (id); CREATE TABLE part1 PARTITION OF parts FOR VALUES FROM (0) TO (1000); CREATE MATERIALIZED VIEW seen AS SELECT count(*) FROM parts; CREATE TYPE mood AS ENUM ('fine')");
        await scene.FollowAsync();

        // What is no change of the schema is none.
        await PostgresScene.AskAsync(scene.BlueNode, "INSERT INTO parts SELECT i, i FROM generate_series(0, 99) i; ANALYZE; TRUNCATE ledger_list; REFRESH MATERIALIZED VIEW seen; CREATE TEMP TABLE mine (id int)");
        await PostgresScene.AskAsync(scene.BlueNode, "REINDEX TABLE part1");
        await scene.StreamingAsync(scene.Forward);
        await scene.Engine.Switchover.PrepareAsync(scene.Forward, default);
        (string Make, string Back, string Named)[] slips =
        [
            ("CREATE INDEX late ON ledger_counter (n)", "DROP INDEX late", "relation public.late (new)"),
            ("ALTER TABLE parts ALTER w SET DEFAULT 'x'", "ALTER TABLE parts ALTER w SET DEFAULT 'w'", "relation public.parts"),
            ("CREATE FUNCTION late() RETURNS int LANGUAGE sql AS 'SELECT 1'", "DROP FUNCTION late", "function public.late() (new)"),
            ("CREATE SCHEMA late", "DROP SCHEMA late", "schema late (new)"),
        ];
        foreach ((string make, string back, string named) in slips)
        {
            await PostgresScene.AskAsync(scene.BlueNode, $"SET session_replication_role = replica; {make}");
            UpgradeException slipped = await Assert.ThrowsAsync<UpgradeException>(() => scene.Engine.Switchover.PrepareAsync(scene.Forward, default));
            Assert.Equal("SchemaChanged", slipped.ErrorId);
            Assert.Contains(named, slipped.Message, StringComparison.Ordinal);
            await PostgresScene.AskAsync(scene.BlueNode, $"SET session_replication_role = replica; {back}");
            await scene.Engine.Switchover.PrepareAsync(scene.Forward, default);
        }
    }

    private static Task<string> SlotsAsync(PostgresScene scene) => scene.Blue.AskAsync("SELECT count(*) FROM pg_replication_slots WHERE slot_name LIKE 'statefuldeploy_to_green_%'");

    private static async Task<ReplicationStatus> BrokenAsync(PostgresScene scene)
    {
        ReplicationStatus status = new();
        await TestBed.WaitUntilAsync(async () => (status = await scene.Engine.Replicator.GetStatusAsync(scene.Forward, default)).State == ReplicationState.Broken, "replication is told to be broken", Patience);
        return status;
    }
}
