using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.PostgreSql;

/// <summary>The acts of the engine in the order of the workflow, on real servers.</summary>
public sealed class PostgresUpgradeTests(ITestOutputHelper output)
{
    [ServerFact("postgresql-15", "postgresql-17")]
    public async Task Green_has_everything_of_all_databases_and_goes_back_with_what_was_written_since()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await PostgresScene.StartAsync(bed, "work_mem = '7MB'");
        await scene.Blue.AskAsync("CREATE DATABASE \"Other \"\"db\"");
        await PostgresScene.AskAsync(scene.BlueNode, "CREATE TABLE \"T t\" (id serial PRIMARY KEY, v text, at timestamptz DEFAULT now(), f float8, b bytea); INSERT INTO \"T t\" (v, f, b) SELECT 'v' || i, i / 3.0, decode('00ff', 'hex') FROM generate_series(1, 25000) i", "Other \"db");
        await PostgresScene.AskAsync(scene.BlueNode, "CREATE TABLE bare (a int, b text); ALTER TABLE bare REPLICA IDENTITY FULL; INSERT INTO bare VALUES (1, 'x'), (1, 'x'), (2, NULL); CREATE SEQUENCE lone INCREMENT -3 MINVALUE -1000 MAXVALUE 1000 START 41; SELECT nextval('lone'); CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n FROM bare");
        await PostgresScene.AskAsync(scene.BlueNode, """
            CREATE SEQUENCE cached CACHE 20; CREATE UNLOGGED SEQUENCE quick; CREATE SEQUENCE untouched START 500; CREATE SEQUENCE round MAXVALUE 3 CYCLE; CREATE SCHEMA "S s"; CREATE SEQUENCE "S s"."Q ""q" AS smallint;
            CREATE TABLE made (id int GENERATED ALWAYS AS IDENTITY (START 10 INCREMENT 10) PRIMARY KEY, v int, twice int GENERATED ALWAYS AS (v * 2) STORED);
            CREATE TABLE parts (id int PRIMARY KEY, v int) PARTITION BY RANGE (id); CREATE TABLE part1 PARTITION OF parts FOR VALUES FROM (0) TO (1000000);
            INSERT INTO parts SELECT i, i % 7 FROM generate_series(1, 1000) i; INSERT INTO made (v) VALUES (1), (2)
            """);
        Assert.Empty(await scene.RefusalsAsync());

        await scene.FollowAsync();
        Assert.Equal("7MB", await PostgresScene.SettingAsync(scene, "work_mem"));
        await PostgresScene.AskAsync(scene.BlueNode, "UPDATE bare SET b = 'y' WHERE a = 2; SELECT nextval('lone'); INSERT INTO ledger_list (client, number) SELECT 1, i FROM generate_series(1, 100) i");
        ComparisonResult same = await scene.Engine.Comparer.CompareAsync(scene.Forward, new ComparisonOptions(), default);
        Assert.True(same.Passed, string.Join('\n', same.Details));
        Assert.True(same.ItemsCompared >= 25_103, $"{same.ItemsCompared}");
        PostgresException frozen = await Assert.ThrowsAsync<PostgresException>(() => PostgresScene.AskAsync(scene.BlueNode, "CREATE TABLE late (id int)"));
        Assert.Contains("frozen", frozen.MessageText, StringComparison.Ordinal);
        await PostgresScene.AskAsync(scene.BlueNode, "CREATE TEMP TABLE mine (id int); DROP TABLE mine");

        await PostgresScene.AskAsync(scene.BlueNode, "SELECT nextval('cached'), nextval('quick'), nextval('round'), nextval('round'), nextval('round'), nextval('\"S s\".\"Q \"\"q\"'); INSERT INTO made (v) VALUES (3)");

        ClusterPosition reverse = await scene.SwitchAsync(scene.Forward);
        PostgresException closed = await Assert.ThrowsAsync<PostgresException>(() => PostgresScene.ClientAsync(scene.BlueNode, "postgres", "postgres"));
        Assert.Equal("28000", closed.SqlState);
        Assert.Equal("y", await PostgresScene.AskAsync(scene.GreenNode, "SELECT b FROM bare WHERE a = 2"));
        Assert.Equal(35L, await PostgresScene.AskAsync(scene.GreenNode, "SELECT nextval('lone')"));
        Assert.Equal(3L, await PostgresScene.AskAsync(scene.GreenNode, "SELECT n FROM m"));
        Assert.Equal("21 2 500 1 2", await PostgresScene.AskAsync(scene.GreenNode, "SELECT concat_ws(' ', nextval('cached'), nextval('quick'), nextval('untouched'), nextval('round'), nextval('\"S s\".\"Q \"\"q\"'))"));
        Assert.Equal("40 8", await PostgresScene.AskAsync(scene.GreenNode, "INSERT INTO made (v) VALUES (4) RETURNING id || ' ' || twice"));
        Assert.Equal(0L, await PostgresScene.AskAsync(scene.GreenNode, "SELECT count(*) FROM unnest(ARRAY['parts', 'part1', 'made', 'bare']) AS t(name) WHERE NOT EXISTS (SELECT FROM pg_stats s WHERE s.tablename = t.name)"));
        Assert.Equal(25001, await PostgresScene.AskAsync(scene.GreenNode, "INSERT INTO \"T t\" (v) VALUES ('on green') RETURNING id", "Other \"db"));

        await scene.Engine.Replicator.StartAsync(scene.Backward, reverse, default);
        await scene.StreamingAsync(scene.Backward);
        Assert.Equal(101L, await PostgresScene.AskAsync(scene.GreenNode, "INSERT INTO ledger_list (client, number) VALUES (2, 7) RETURNING id", user: "app"));

        ClusterPosition forward = await scene.SwitchAsync(scene.Backward);
        await Assert.ThrowsAsync<PostgresException>(() => PostgresScene.ClientAsync(scene.GreenNode));
        Assert.Equal(7L, await PostgresScene.AskAsync(scene.BlueNode, "SELECT number FROM ledger_list WHERE client = 2", user: "app"));
        Assert.Equal(102L, await PostgresScene.AskAsync(scene.BlueNode, "INSERT INTO ledger_list (client, number) VALUES (2, 8) RETURNING id", user: "app"));
        Assert.Equal("on green", await PostgresScene.AskAsync(scene.BlueNode, "SELECT v FROM \"T t\" WHERE id = 25001", "Other \"db"));

        await scene.Engine.Replicator.StartAsync(scene.Forward, forward, default);
        await scene.StreamingAsync(scene.Forward);
        same = await scene.Engine.Comparer.CompareAsync(scene.Forward, new ComparisonOptions(), default);
        Assert.True(same.Passed, string.Join('\n', same.Details));
        await scene.Engine.Replicator.StopAsync(scene.Forward, default);
        await scene.Engine.Replicator.StopAsync(scene.Forward, default);
        await scene.Engine.Provisioner.RemoveAsync(scene.Forward, scene.Green, default);
        Assert.Equal("0", await scene.Blue.AskAsync("SELECT (SELECT count(*) FROM pg_replication_slots) + (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_event_trigger) + (SELECT count(*) FROM pg_roles WHERE rolname = 'statefuldeploy')", "app"));
        Assert.DoesNotContain("statefuldeploy", await File.ReadAllTextAsync(Path.Combine(scene.Blue.Data, "pg_hba.conf")), StringComparison.Ordinal);
    }

    [ServerFact("postgresql-15", "postgresql-17")]
    public async Task A_window_that_is_ended_before_the_commit_leaves_a_green_that_follows_again_and_nothing_of_ours_stays()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await PostgresScene.StartAsync(bed);
        await scene.FollowAsync();
        await scene.Engine.Switchover.PrepareAsync(scene.Forward, default);
        await scene.Engine.Gate.PrepareAsync(scene.BlueNode, scene.Gate, default);
        await scene.Engine.Gate.CloseAsync(scene.BlueNode, scene.Gate, default);
        ClusterPosition position = await scene.Engine.Switchover.ReadPositionAsync(scene.Forward, default);
        await scene.Engine.Switchover.DrainAsync(scene.Forward, position, default);
        await scene.Engine.Switchover.PromoteAsync(scene.Forward, default);

        await scene.Engine.Gate.OpenAsync(scene.BlueNode, scene.Gate, default);
        await scene.Engine.Switchover.DemoteAsync(scene.Forward, default);
        await PostgresScene.AskAsync(scene.BlueNode, "INSERT INTO ledger_counter VALUES (9, 9)");

        await scene.StreamingAsync(scene.Forward);
        await scene.SwitchAsync(scene.Forward);
        Assert.Equal(9L, await PostgresScene.AskAsync(scene.GreenNode, "SELECT n FROM ledger_counter WHERE client = 9"));

        await scene.Engine.Replicator.StopAsync(scene.Backward, default);
        await scene.Engine.Provisioner.RetireAsync(scene.Backward, scene.Service.Blue, default);
        Assert.False(File.Exists(Path.Combine(scene.Blue.Data, "postmaster.pid")));
        Assert.Equal(0L, await PostgresScene.AskAsync(scene.GreenNode, "SELECT count(*) FROM pg_roles WHERE rolname = 'statefuldeploy'"));
        Assert.DoesNotContain("statefuldeploy", await File.ReadAllTextAsync(Path.Combine(scene.GreenNode.DataDirectory!, "pg_hba.conf")), StringComparison.Ordinal);
    }

    [ServerFact("postgresql-15", "postgresql-17")]
    public async Task A_comparison_under_writes_finds_what_differs_and_nothing_else()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await PostgresScene.StartAsync(bed);
        await scene.FollowAsync();
        Load.Ledger ledger = await bed.StartLedgerAsync(scene.Blue.Ledger, new Load.LedgerOptions { Writers = 2, Readers = 0, WritesPerSecond = 100 });
        await ledger.WaitForWritesAsync(100, TimeSpan.FromSeconds(60));

        ComparisonResult same = await scene.Engine.Comparer.CompareAsync(scene.Forward, new ComparisonOptions(), default);
        Assert.True(same.Passed, string.Join('\n', same.Details));
        await using (NpgsqlConnection green = await scene.ControlAsync(scene.GreenNode, "app"))
        {
            await PostgresScene.AskAsync(green, "INSERT INTO public.ledger_record VALUES (-1, 5, 'extra'); DELETE FROM public.ledger_record WHERE client = 0 AND number = 0; UPDATE public.ledger_record SET value = 'other' WHERE client = 1 AND number = 0");
        }

        ComparisonResult other = await scene.Engine.Comparer.CompareAsync(scene.Forward, new ComparisonOptions(), default);
        await ledger.StopAsync();
        Assert.Equal(["Extra", "Missing", "Value"], other.Details.Select(detail => detail.Kind).Order());
    }
}
