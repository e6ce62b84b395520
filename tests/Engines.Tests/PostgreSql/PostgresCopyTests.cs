using System.Diagnostics;
using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.PostgreSql.Copy;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using StatefulDeploy.Load.Postgres;
using StatefulDeploy.Model;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.PostgreSql;

/// <summary>Our own initial copy, on real servers: whoever is killed at whatever moment, nothing is missing and nothing comes twice.</summary>
public sealed class PostgresCopyTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [ServerFact("postgresql-15", "postgresql-17")]
    public async Task A_copy_that_is_killed_again_and_again_under_writes_goes_on_and_green_has_everything_once()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await StartAsync(bed);
        await PostgresScene.AskAsync(scene.BlueNode, PostgresEverything.Types);
        await PostgresScene.AskAsync(scene.BlueNode, PostgresEverything.Objects);
        Ledger ledger = await bed.StartLedgerAsync(scene.Blue.Ledger, new LedgerOptions { Writers = 2, Readers = 0, WritesPerSecond = 60 });
        long from = ledger.Now;
        await ledger.WaitForWritesAsync(50, Patience);
        await scene.Engine.Provisioner.ProvisionAsync(scene.Forward, default);

        // At once: there may be a slot that nobody knows the beginning of.
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await KillAsync(scene);
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);

        // Some parts of a table are there, and some tables; the rest is copied from a later snapshot, after a child has got a parent of its own.
        await using NpgsqlConnection green = await scene.ControlAsync(scene.GreenNode, "app");
        await HeldAsync(green, "statefuldeploy.copied", "SELECT count(*) >= 3 FROM statefuldeploy.copied WHERE relation = '\"public\".\"big\"'", () => KillAsync(scene));
        await PostgresScene.AskAsync(scene.BlueNode, "INSERT INTO parent VALUES (5000, 'late'); INSERT INTO child (parent) VALUES (5000); UPDATE big SET pad = 'changed' WHERE id % 100 = 1; DELETE FROM big WHERE id % 100 = 2");
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);

        // Some indexes are made.
        await HeldAsync(green, "statefuldeploy.built", "SELECT count(*) >= 2 FROM statefuldeploy.built", () => KillAsync(scene));
        ReplicationStatus broken = await scene.Engine.Replicator.GetStatusAsync(scene.Forward, default);
        Assert.Equal(ReplicationState.Broken, broken.State);
        Assert.Contains("goes on when replication is started again", broken.Message, StringComparison.Ordinal);
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await scene.StreamingAsync(scene.Forward);

        await SameAsync(scene);
        Assert.Equal(await PostgresScene.AskAsync(scene.BlueNode, PostgresEverything.Definitions), await PostgresScene.AskAsync(green, PostgresEverything.Definitions));
        await ledger.StopAsync();
        await scene.SwitchAsync(scene.Forward);
        LedgerReport report = await ledger.ReportAsync(new PostgresLedgerEndpoint("127.0.0.1", scene.GreenNode.Endpoint.Port, "app", "app", PostgresServer.ClientPassword), new LedgerInterval(from, ledger.Now));
        Assert.True(report.Clean, report.ToString());
    }

    [ServerFact("postgresql-15", "postgresql-17")]
    public async Task A_copy_that_is_undone_midway_leaves_nothing_on_the_source_and_no_process()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await StartAsync(bed, (CopySettings.ThrottleSetting, "64KB"));
        await PostgresScene.AskAsync(scene.BlueNode, PostgresEverything.Objects);
        await scene.Engine.Provisioner.ProvisionAsync(scene.Forward, default);
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await using (NpgsqlConnection green = await scene.ControlAsync(scene.GreenNode, "app"))
        {
            await UntilAsync(green, "SELECT count(*) > 0 FROM statefuldeploy.copied");
        }

        ReplicationStatus midway = await scene.Engine.Replicator.GetStatusAsync(scene.Forward, default);
        Assert.Equal(ReplicationState.Copying, midway.State);
        Assert.Empty(midway.Message);
        await TestBed.WaitUntilAsync(async () => (midway = await scene.Engine.Replicator.GetStatusAsync(scene.Forward, default)).CopiedBytes > 0, "it is told how much is there", Patience);
        Assert.True(midway.CopiedBytes < midway.TotalBytes, midway.ToString());
        int process = await ProcessOfAsync(scene);
        await scene.Engine.Replicator.StopAsync(scene.Forward, default);
        await scene.Engine.Replicator.StopAsync(scene.Forward, default);
        await scene.Engine.Provisioner.RemoveAsync(scene.Forward, scene.Green, default);
        Assert.False(Directory.Exists(FormattableString.Invariant($"/proc/{process}")));
        Assert.Equal("0", await scene.Blue.AskAsync("SELECT (SELECT count(*) FROM pg_replication_slots) + (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_event_trigger) + (SELECT count(*) FROM pg_namespace WHERE nspname = 'statefuldeploy') + (SELECT count(*) FROM pg_roles WHERE rolname = 'statefuldeploy')", "app"));
    }

    [ServerFact("postgresql-15", "postgresql-17", Full = true)]
    public async Task A_table_that_is_written_anew_between_its_parts_is_copied_from_its_beginning()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await StartAsync(bed);
        await PostgresScene.AskAsync(scene.BlueNode, PostgresEverything.Objects);
        await scene.Engine.Provisioner.ProvisionAsync(scene.Forward, default);
        await PostgresScene.AskAsync(scene.BlueNode, "DELETE FROM big WHERE id % 3 = 0");
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await using NpgsqlConnection green = await scene.ControlAsync(scene.GreenNode, "app");
        Task? rewriting = null;
        await HeldAsync(green, "statefuldeploy.copied", "SELECT count(*) >= 2 FROM statefuldeploy.copied WHERE relation = '\"public\".\"big\"'", async () =>
        {
            rewriting = PostgresScene.AskAsync(scene.BlueNode, "VACUUM FULL big");
            await TestBed.WaitUntilAsync(async () => await scene.Blue.AskAsync("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'") == "True", "VACUUM FULL waits for the parts under way", Patience);
        });
        await rewriting!;
        await scene.StreamingAsync(scene.Forward);
        await SameAsync(scene);
    }

    [ServerFact("postgresql-15", "postgresql-17", Full = true)]
    public async Task Blue_crashes_in_the_middle_of_the_copy_and_it_goes_on_by_itself_when_blue_is_back()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await StartAsync(bed);
        await PostgresScene.AskAsync(scene.BlueNode, PostgresEverything.Objects);
        await scene.Engine.Provisioner.ProvisionAsync(scene.Forward, default);
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await using NpgsqlConnection green = await scene.ControlAsync(scene.GreenNode, "app");
        await HeldAsync(green, "statefuldeploy.copied", "SELECT count(*) >= 2 FROM statefuldeploy.copied WHERE relation = '\"public\".\"big\"'", () => scene.Blue.CrashAsync());
        await scene.Blue.StartAsync();
        await scene.StreamingAsync(scene.Forward);
        await SameAsync(scene);
    }

    [ServerFact("postgresql-15", "postgresql-17", Full = true)]
    public async Task Thousands_of_tables_and_partitions_are_copied_and_compared()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await StartAsync(bed);
        await scene.Blue.AskAsync("ALTER SYSTEM SET max_locks_per_transaction = 1024");
        await scene.Blue.RestartAsync();
        for (int from = 1; from <= 5000; from += 500)
        {
            await PostgresScene.AskAsync(scene.BlueNode, FormattableString.Invariant($"DO $$ BEGIN FOR i IN {from}..{from + 499} LOOP EXECUTE format('CREATE TABLE %I (id int PRIMARY KEY, v text)', 'T ' || i); EXECUTE format('INSERT INTO %I SELECT g, ''v'' FROM generate_series(1, %s) g', 'T ' || i, i % 7); END LOOP; END $$"));
        }

        await PostgresScene.AskAsync(scene.BlueNode, "CREATE TABLE many (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)");
        await PostgresScene.AskAsync(scene.BlueNode, "DO $$ BEGIN FOR i IN 0..999 LOOP EXECUTE format('CREATE TABLE %I PARTITION OF many FOR VALUES FROM (%s) TO (%s)', 'many ' || i, i * 100, i * 100 + 100); END LOOP; END $$");
        await PostgresScene.AskAsync(scene.BlueNode, "INSERT INTO many SELECT i, 'v' FROM generate_series(0, 99999) i");
        await scene.Engine.Provisioner.ProvisionAsync(scene.Forward, default);
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await scene.StreamingAsync(scene.Forward, TimeSpan.FromMinutes(15));
        ComparisonResult same = await SameAsync(scene);
        Assert.True(same.ItemsCompared >= 100_000 + 14_000, $"{same.ItemsCompared}");
    }

    [ServerFact("postgresql-15", "postgresql-17")]
    public async Task The_plan_says_how_green_is_filled_and_a_setting_that_is_none_is_refused()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await StartAsync(bed, (CopySettings.ThrottleSetting, "5MB"));
        Finding said = Assert.Single(await scene.Engine.Preflight.InspectAsync(scene.Forward, default), finding => finding.Code == "InitialCopy");
        Assert.Contains("our own copy", said.Message, StringComparison.Ordinal);
        Assert.Contains("at most 5 MiB a second", said.Message, StringComparison.Ordinal);
        Set(scene, (CopySettings.WaySetting, "subscription"));
        Assert.Contains((await scene.Engine.Preflight.InspectAsync(scene.Forward, default)).Where(finding => finding.Code == "InitialCopy"), finding => finding.Message.Contains("its own subscriptions", StringComparison.Ordinal));
        foreach ((string name, string value) in new[] { (CopySettings.WaySetting, "magic"), (CopySettings.JobsSetting, "0"), (CopySettings.ThrottleSetting, "fast"), (CopySettings.PartSetting, "0") })
        {
            Set(scene, (name, value));
            Assert.Contains(await scene.Engine.Preflight.InspectAsync(scene.Forward, default), finding => finding.Severity == FindingSeverity.Refuse && finding.Code == "SettingInvalid" && finding.Message.Contains(name, StringComparison.Ordinal));
        }
    }

    private static async Task<PostgresScene> StartAsync(TestBed bed, params (string Name, string Value)[] settings)
    {
        PostgresScene scene = await PostgresScene.StartAsync(bed);
        Set(scene, [(CopySettings.PartSetting, "256KB"), .. settings]);
        return scene;
    }

    private static void Set(PostgresScene scene, params (string Name, string Value)[] settings) => scene.Service = scene.Service with
    {
        Settings = settings.Append(("database", "app")).ToDictionary(setting => setting.Item1, setting => setting.Item2, StringComparer.Ordinal),
    };

    private static async Task<ComparisonResult> SameAsync(PostgresScene scene)
    {
        ComparisonResult same = await scene.Engine.Comparer.CompareAsync(scene.Forward, new ComparisonOptions(), default);
        Assert.True(same.Passed, string.Join('\n', same.Details));
        return same;
    }

    private static async Task<int> ProcessOfAsync(PostgresScene scene) =>
        ModelJson.Read<ProcessIdentity>(await File.ReadAllTextAsync(Path.Combine(scene.Service.StateDirectory, "copy", scene.Service.Name, "u1", "process.json"))).Id;

    private static async Task KillAsync(PostgresScene scene)
    {
        using Process process = Process.GetProcessById(await ProcessOfAsync(scene));
        process.Kill();
        await TestBed.WaitUntilAsync(async () => !await CopyProcess.RunsAsync(scene.Forward, default), "the copy's process is gone", Patience);
    }

    private static Task UntilAsync(NpgsqlConnection green, string question) =>
        TestBed.WaitUntilAsync(async () => (bool)(await PostgresScene.AskAsync(green, question))!, question, Patience);

    // What is recorded in a table stops there, so that the moment does not pass: when enough is in it, it is locked, and something happens.
    private static async Task HeldAsync(NpgsqlConnection green, string table, string question, Func<Task> act)
    {
        await UntilAsync(green, question);
        await using NpgsqlTransaction holding = await green.BeginTransactionAsync();
        await PostgresScene.AskAsync(green, $"LOCK TABLE {table} IN EXCLUSIVE MODE");
        await act();
        await holding.RollbackAsync();
    }
}
