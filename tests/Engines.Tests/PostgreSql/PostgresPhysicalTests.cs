using System.Diagnostics;
using System.Globalization;
using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.PostgreSql.Copy;
using StatefulDeploy.Engines.PostgreSql.Physical;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using StatefulDeploy.Load.Postgres;
using StatefulDeploy.Model;
using Xunit.Abstractions;

namespace StatefulDeploy.Engines.Tests.PostgreSql;

/// <summary>Green filled by a base backup that pg_upgrade makes the newer version's, on real servers: whatever is killed, nothing is missing and nothing comes twice.</summary>
public sealed class PostgresPhysicalTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [ServerFact("postgresql-15", "postgresql-17")]
    public async Task A_physical_copy_whose_pg_upgrade_is_killed_under_writes_goes_on_and_green_has_everything_once()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await StartAsync(bed);
        (Ledger ledger, long from) = await WriteAsync(bed, scene);
        await scene.Engine.Provisioner.ProvisionAsync(scene.Forward, default);
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await UntilAsync(scene, PhysicalStage.Upgrade);
        await KillAllAsync(scene);
        ReplicationStatus broken = await scene.Engine.Replicator.GetStatusAsync(scene.Forward, default);
        Assert.Equal(ReplicationState.Broken, broken.State);
        Assert.Contains("goes on when replication is started again", broken.Message, StringComparison.Ordinal);
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await EndAsync(scene, ledger, from);
    }

    [ServerFact("postgresql-15", "postgresql-17", Full = true)]
    public async Task A_physical_copy_that_is_killed_in_each_of_its_stages_goes_on_from_there()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await StartAsync(bed, (CopySettings.ThrottleSetting, "8MB"));
        (Ledger ledger, long from) = await WriteAsync(bed, scene);
        await scene.Engine.Provisioner.ProvisionAsync(scene.Forward, default);

        // One of whom only the one is killed who waits for it goes on by itself.
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await UntilAsync(scene, PhysicalStage.BackUp);
        ReplicationStatus midway = new();
        await TestBed.WaitUntilAsync(async () => (midway = await scene.Engine.Replicator.GetStatusAsync(scene.Forward, default)).CopiedBytes > 0, "it is told how much is there", Patience);
        Assert.Equal(ReplicationState.Copying, midway.State);
        Assert.True(midway.CopiedBytes < midway.TotalBytes, midway.ToString());
        await KillWorkerAsync(scene);
        Assert.NotEmpty(ProcessesOf(scene));
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await KillAsync(scene, PhysicalStage.BackUp, KillAllAsync);
        Assert.Equal(1, (await PhysicalRecord.FindAsync(scene.Forward, default))!.Attempt);

        List<PhysicalStage> killedIn = [];
        foreach (PhysicalStage stage in Enum.GetValues<PhysicalStage>())
        {
            foreach (Func<PostgresScene, Task> kill in new[] { KillWorkerAsync, KillAllAsync })
            {
                await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
                if (await KillAsync(scene, stage, kill) is { } at)
                {
                    killedIn.Add(at);
                }
            }
        }

        output.WriteLine(string.Join(", ", killedIn));
        Assert.Equal([PhysicalStage.BackUp, PhysicalStage.Recover, PhysicalStage.Upgrade], killedIn.Distinct().Where(stage => stage < PhysicalStage.Swap));
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await EndAsync(scene, ledger, from);
    }

    [ServerFact("postgresql-15", "postgresql-17", Full = true)]
    public async Task A_physical_copy_that_is_undone_midway_leaves_nothing_behind_and_one_whose_slot_is_gone_begins_anew()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await StartAsync(bed);
        await PostgresScene.AskAsync(scene.BlueNode, "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)");
        await scene.Engine.Provisioner.ProvisionAsync(scene.Forward, default);
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await KillAsync(scene, PhysicalStage.Upgrade, KillAllAsync);
        await scene.Blue.AskAsync("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots LIMIT 1");
        await PostgresScene.AskAsync(scene.BlueNode, "INSERT INTO t VALUES (2)");
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await scene.StreamingAsync(scene.Forward, Patience);
        await SameAsync(scene);
        Assert.Equal(2L, await GreenAsync(scene, "SELECT count(*) FROM t"));

        // Once more, into a green that has been filled; and then taken away in the middle.
        await scene.Engine.Replicator.StopAsync(scene.Forward, default);
        await scene.Engine.Replicator.StartAsync(scene.Forward, null, default);
        await UntilAsync(scene, PhysicalStage.Recover);
        string sockets = (await PhysicalRecord.FindAsync(scene.Forward, default))!.Sockets!;
        await scene.Engine.Replicator.StopAsync(scene.Forward, default);
        Assert.Empty(ProcessesOf(scene));
        Assert.False(Directory.Exists(sockets));
        await scene.Engine.Provisioner.RemoveAsync(scene.Forward, scene.Green, default);
        Assert.Empty(Directory.GetFileSystemEntries(scene.Service.Green.DataRoot!));
        Assert.Equal("0", await scene.Blue.AskAsync("SELECT (SELECT count(*) FROM pg_replication_slots) + (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_event_trigger) + (SELECT count(*) FROM pg_roles WHERE rolname = 'statefuldeploy')", "app"));
    }

    [ServerFact("postgresql-15", "postgresql-17")]
    public async Task What_a_base_backup_cannot_carry_is_refused_with_its_reason()
    {
        await using TestBed bed = new(output);
        PostgresScene scene = await StartAsync(bed);
        Assert.Contains("base backup", Assert.Single(await scene.Engine.Preflight.InspectAsync(scene.Forward, default), finding => finding.Code == "InitialCopy").Message, StringComparison.Ordinal);
        Assert.Empty(await scene.RefusalsAsync());
        string place = bed.NewFolder("tablespace");
        Process.Start("chown", ["postgres:postgres", place]).WaitForExit();
        PostgresServer.LetThrough(Path.GetDirectoryName(place)!);
        await scene.Blue.AskAsync($"CREATE TABLESPACE fast LOCATION '{place}'");
        await scene.Blue.AskAsync("CREATE DATABASE shut ALLOW_CONNECTIONS false");
        await PostgresScene.AskAsync(scene.BlueNode, "CREATE TABLE t (id int PRIMARY KEY, f regproc, r aclitem, fine regclass)");
        Finding refused = Assert.Single(await scene.RefusalsAsync());
        Assert.Equal("PhysicalCopyImpossible", refused.Code);
        Assert.All(["tablespaces (fast)", "into shut nobody may", "t.f (regproc)", "t.r (aclitem)"], reason => Assert.Contains(reason, refused.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("fine", refused.Message, StringComparison.Ordinal);
        scene.Service = scene.Service with { Software = scene.Service.Software.Where(one => one.Key != "15").Append(new("15", new SoftwareDescription("15", "/nowhere/postgres", new Dictionary<string, string>()))).ToDictionary(StringComparer.Ordinal) };
        Assert.Contains("blue's version are needed on green's host", Assert.Single(await scene.RefusalsAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_plan_chooses_a_base_backup_for_much_data_and_says_why_not_where_it_cannot()
    {
        Assert.Equal(CopyWay.Logical, CopyChoice.Of(null, CopyChoice.Large - 1, []).Way);
        Assert.Equal(CopyWay.Physical, CopyChoice.Of(null, CopyChoice.Large, []).Way);
        CopyChoice hindered = CopyChoice.Of(null, CopyChoice.Large, ["blue has tablespaces"]);
        Assert.Equal(CopyWay.Logical, hindered.Way);
        Assert.False(hindered.IsRefused);
        Assert.Contains("blue has tablespaces", hindered.Reason, StringComparison.Ordinal);
        Assert.True(CopyChoice.Of(CopyWay.Physical, 1, ["blue has tablespaces"]).IsRefused);
        Assert.Equal(CopyWay.Subscription, CopyChoice.Of(CopyWay.Subscription, CopyChoice.Large, []).Way);
    }

    private static async Task<PostgresScene> StartAsync(TestBed bed, params (string Name, string Value)[] settings)
    {
        PostgresScene scene = await PostgresScene.StartAsync(bed);
        scene.Service = scene.Service with { Settings = settings.Append((CopySettings.WaySetting, "physical")).Append(("database", "app")).ToDictionary(setting => setting.Item1, setting => setting.Item2, StringComparer.Ordinal) };
        return scene;
    }

    private static async Task<(Ledger Ledger, long From)> WriteAsync(TestBed bed, PostgresScene scene)
    {
        await PostgresScene.AskAsync(scene.BlueNode, PostgresEverything.Types);
        await PostgresScene.AskAsync(scene.BlueNode, PostgresEverything.Objects);
        await scene.Blue.AskAsync("CREATE DATABASE \"O'ther \"\"db\"\"\"");
        await PostgresScene.AskAsync(scene.BlueNode, "CREATE TABLE here (id int PRIMARY KEY); INSERT INTO here SELECT generate_series(1, 100)", "O'ther \"db\"");
        Ledger ledger = await bed.StartLedgerAsync(scene.Blue.Ledger, new LedgerOptions { Writers = 2, Readers = 0, WritesPerSecond = 60 });
        long from = ledger.Now;
        await ledger.WaitForWritesAsync(50, Patience);
        return (ledger, from);
    }

    private async Task EndAsync(PostgresScene scene, Ledger ledger, long from)
    {
        await scene.StreamingAsync(scene.Forward, Patience);
        Assert.Equal(0L, await GreenAsync(scene, "SELECT count(*) FROM pg_stat_user_tables WHERE last_analyze IS NULL AND last_autoanalyze IS NULL"));
        await PostgresScene.AskAsync(scene.BlueNode, "INSERT INTO parent VALUES (5000, 'late'); INSERT INTO child (parent) VALUES (5000); UPDATE big SET pad = 'changed' WHERE id % 100 = 1; DELETE FROM big WHERE id % 100 = 2");
        await SameAsync(scene);
        await using (NpgsqlConnection green = await scene.ControlAsync(scene.GreenNode, "app"))
        {
            Assert.Equal(await PostgresScene.AskAsync(scene.BlueNode, PostgresEverything.Definitions), await PostgresScene.AskAsync(green, PostgresEverything.Definitions));
        }

        Assert.False(File.Exists(PhysicalRecord.FileOf(scene.GreenNode)));
        Assert.Empty(Directory.GetDirectories(scene.Service.Green.DataRoot!, "*.physical"));
        await ledger.StopAsync();
        ClusterPosition reverse = await scene.SwitchAsync(scene.Forward);
        LedgerReport report = await ledger.ReportAsync(new PostgresLedgerEndpoint("127.0.0.1", scene.GreenNode.Endpoint.Port, "app", "app", PostgresServer.ClientPassword), new LedgerInterval(from, ledger.Now));
        output.WriteLine(report.ToString());
        Assert.True(report.Clean, report.ToString());

        // And there is a way back.
        await scene.Engine.Replicator.StartAsync(scene.Backward, reverse, default);
        await PostgresScene.AskAsync(scene.GreenNode, "INSERT INTO parent VALUES (6000, 'on green')");
        await scene.StreamingAsync(scene.Backward);
        ComparisonResult back = await scene.Engine.Comparer.CompareAsync(scene.Backward, new ComparisonOptions(), default);
        Assert.True(back.Passed, string.Join('\n', back.Details));
    }

    private static async Task SameAsync(PostgresScene scene)
    {
        ComparisonResult same = await scene.Engine.Comparer.CompareAsync(scene.Forward, new ComparisonOptions(), default);
        Assert.True(same.Passed, string.Join('\n', same.Details));
    }

    private static async Task<object?> GreenAsync(PostgresScene scene, string question)
    {
        await using NpgsqlConnection green = await scene.ControlAsync(scene.GreenNode, "app");
        return await PostgresScene.AskAsync(green, question.Replace("FROM t", "FROM public.t", StringComparison.Ordinal));
    }

    // A program of this stage runs, or the stage is over.
    private static Task UntilAsync(PostgresScene scene, PhysicalStage stage) => TestBed.WaitUntilAsync(
        async () =>
        {
            PhysicalRecord? record = await PhysicalRecord.FindAsync(scene.Forward, default);
            return record is null || record.Stage > stage || (record.Stage == stage && (record.Process is not null || stage >= PhysicalStage.Swap));
        },
        $"stage {stage}", Patience);

    // Gives the stage in which it was killed; null when it had ended.
    private static async Task<PhysicalStage?> KillAsync(PostgresScene scene, PhysicalStage stage, Func<PostgresScene, Task> kill)
    {
        await UntilAsync(scene, stage);
        await kill(scene);
        return (await PhysicalRecord.FindAsync(scene.Forward, default))?.Stage;
    }

    private static async Task KillAllAsync(PostgresScene scene)
    {
        await KillWorkerAsync(scene);
        await TestBed.WaitUntilAsync(
            () =>
            {
                int[] left = ProcessesOf(scene);
                Array.ForEach(left, Kill);
                return Task.FromResult(left.Length == 0);
            },
            "all programs of the copy are gone", Patience);
    }

    private static async Task KillWorkerAsync(PostgresScene scene)
    {
        string file = Path.Combine(scene.Service.StateDirectory, "copy", scene.Service.Name, "u1", "process.json");
        if (await CopyProcess.RunsAsync(scene.Forward, default))
        {
            Kill(ModelJson.Read<ProcessIdentity>(await File.ReadAllTextAsync(file)).Id);
        }

        await TestBed.WaitUntilAsync(async () => !await CopyProcess.RunsAsync(scene.Forward, default), "the copy's process is gone", Patience);
    }

    private static void Kill(int id)
    {
        try
        {
            using Process process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It has ended.
        }
    }

    private static int[] ProcessesOf(PostgresScene scene)
    {
        string folder = scene.GreenNode.DataDirectory + ".physical";
        return [.. Directory.GetDirectories("/proc").Where(one => int.TryParse(Path.GetFileName(one), out _) && WorksIn(one, folder)).Select(one => int.Parse(Path.GetFileName(one), CultureInfo.InvariantCulture))];
    }

    private static bool WorksIn(string process, string folder)
    {
        try
        {
            return new FileInfo(Path.Combine(process, "cwd")).LinkTarget is { } at && (at + "/").StartsWith(folder + "/", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // It has ended.
        }
    }
}
