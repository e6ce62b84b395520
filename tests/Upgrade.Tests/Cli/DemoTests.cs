using System.Text.Json;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Upgrade.Tests.Stage;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Cli;

/// <summary>The demo as a person runs it: a process of its own with real servers.</summary>
public sealed class DemoTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Theory]
    [ServerData("garnet-2.2.2", "garnet-2.2.8", false)]
    [ServerData("redis-7.0", "redis-8.0", false)]
    [ServerData("redis-7.0", "redis-8.0", true)]
    public Task It_upgrades_under_load_prints_one_object_and_leaves_nothing_but_its_report(string from, string to, bool undo) => UpgradeAsync(from, to, undo);

    // On machines and disks of its own, of which nothing is left either.
    [ServerFact("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    public async Task It_moves_disks_between_machines_of_its_own_and_leaves_none_of_them()
    {
        await UpgradeAsync("redis-7.0", "redis-8.0", undo: false, "--strategy", "VolumeReuse");
        Assert.DoesNotContain("statefuldeploy-demo-", (await TestProcess.RunAsync("losetup", ["--list", "--noheadings", "--output", "BACK-FILE"], Patience)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_strategy_that_an_engine_cannot_show_is_refused()
    {
        await using var bed = new TestBed(output);
        await using var demo = Start(bed, ["--engine", "garnet", "--strategy", "volume-reuse"]);

        Assert.Equal(2, await demo.WaitForExitAsync(Patience));
        Assert.Contains("StrategyNotShown", demo.Output, StringComparison.Ordinal);
    }

    // There and back does all that there alone would do.
    [ServerFact("postgresql-15", "postgresql-17", "pgbouncer")]
    public Task It_upgrades_a_PostgreSQL_behind_PgBouncer_and_goes_back() => UpgradeAsync("postgresql-15", "postgresql-17", undo: true);

    [ServerFact("redis-7.0", "redis-8.0", Full = true)]
    public Task It_upgrades_three_shards_one_after_another() => UpgradeAsync("redis-7.0", "redis-8.0", undo: false, "--strategy", "ShardByShard");

    [Fact]
    public async Task Shards_of_an_engine_that_has_no_demo_of_them_are_refused()
    {
        await using var bed = new TestBed(output);
        await using var demo = Start(bed, ["--engine", "postgresql", "--strategy", "shard-by-shard"]);

        Assert.Equal(2, await demo.WaitForExitAsync(Patience));
        Assert.Contains("garnet, redis", demo.Output, StringComparison.Ordinal);
        AssertNothingIsLeft(bed, demo);
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task Stopped_in_the_middle_it_ends_what_it_started()
    {
        await using var bed = new TestBed(output);
        await using var demo = Start(bed, ["--engine", "redis", "--seconds", "60", "--clients", "2", "--keys", "100"]);
        await demo.WaitForLineAsync("clients write", Patience);

        demo.Interrupt();

        Assert.Equal(130, await demo.WaitForExitAsync(Patience));
        Assert.Contains("Stopping", demo.Output, StringComparison.Ordinal);
        AssertNothingIsLeft(bed, demo);
    }

    [Fact]
    public async Task Without_the_servers_it_names_what_is_missing_and_starts_nothing()
    {
        await using var bed = new TestBed(output);
        await using var demo = Start(bed, ["--engine", "redis"], new() { ["PATH"] = "/nowhere", ["STATEFULDEPLOY_CACHE"] = bed.NewFolder("cache") });

        Assert.Equal(3, await demo.WaitForExitAsync(Patience));
        Assert.Contains("Redis 7.0 is not installed", demo.Output, StringComparison.Ordinal);
        AssertNothingIsLeft(bed, demo);
    }

    private async Task UpgradeAsync(string from, string to, bool undo, params string[] more)
    {
        await using var bed = new TestBed(output);
        var report = Path.Combine(bed.NewFolder("report"), "demo.html");
        await using var demo = Start(bed, ["--engine", from.Split('-')[0], "--seconds", "2", "--clients", "4", "--keys", "2000", "--json", "--report", report, .. undo ? ["--undo"] : Array.Empty<string>(), .. more]);

        var code = await demo.WaitForExitAsync(Patience);

        output.WriteLine(demo.Output);
        using var document = JsonDocument.Parse(demo.Output[demo.Output.IndexOf("\n{", StringComparison.Ordinal)..]);
        var result = document.RootElement;
        Assert.Equal((from, to), ($"{result.GetProperty("engine").GetString()}-{result.GetProperty("from").GetString()}", $"{result.GetProperty("engine").GetString()}-{result.GetProperty("to").GetString()}"));
        Assert.True(result.GetProperty("acked").GetInt64() > 0);
        foreach (var none in new[] { "lost", "duplicated", "damaged", "failedReads", "failedWrites", "indeterminate", "droppedConnections" })
            Assert.Equal(0, result.GetProperty(none).GetInt64());
        foreach (var time in new[] { "gapMs", "readGapMs", "noiseGapMs", "closedMs" })
            Assert.True(result.GetProperty(time).GetDouble() > 0, time);
        Assert.Equal(undo, result.GetProperty("undoGapMs").ValueKind == JsonValueKind.Number);
        Assert.True(result.GetProperty("passed").GetBoolean());
        Assert.Equal(0, code);
        Assert.Equal(report, result.GetProperty("report").GetString());
        Assert.Contains("The closed window", File.ReadAllText(report), StringComparison.Ordinal);
        AssertNothingIsLeft(bed, demo);
    }

    private static TestProcess Start(TestBed bed, string[] arguments, Dictionary<string, string?>? environment = null)
    {
        environment ??= [];
        environment["TMPDIR"] = bed.NewFolder("tmp");
        PostgresServer.LetThrough(environment["TMPDIR"]!);
        return TestProcess.StartDotnet("statefuldeploy", ["demo", .. arguments], new ProcessOptions { Environment = environment, WorkingDirectory = bed.Folder });
    }

    private static void AssertNothingIsLeft(TestBed bed, TestProcess demo)
    {
        Assert.Empty(demo.Descendants());
        Assert.Empty(ProductProcess.All(bed.Folder));
        Assert.DoesNotContain(Directory.EnumerateDirectories(bed.Folder, "statefuldeploy-demo-*", SearchOption.AllDirectories), _ => true);
    }
}
