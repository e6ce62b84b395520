using System.Text.RegularExpressions;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using StatefulDeploy.Load.Redis;
using StatefulDeploy.Upgrade.Tests.Stage;
using StatefulDeploy.Workflow;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Fleet;

/// <summary>Green is made of blue's disks: real file systems that go from machine to machine while the service is under load.</summary>
public sealed partial class VolumeReuseTests(ITestOutputHelper output)
{
    private static readonly LedgerOptions Load = new() { Writers = 4, Readers = 2, WritesPerSecond = 200, ReadsPerSecond = 200, Timeout = TimeSpan.FromSeconds(40) };
    private static readonly string[] Upgrade = ["upgrade", ReuseService.File, "--strategy", "volume-reuse", "--yes", "--verbose"];
    private static readonly string[] Undo = ["undo", ReuseService.File, "--yes", "--verbose"];

    [ServerFact("fleet", "volumes", "redis-7.0", "redis-8.0")]
    public async Task Three_nodes_are_upgraded_on_their_own_disks_without_a_copy_and_nothing_fails()
    {
        await using var bed = new TestBed(output);
        var (service, ledger) = await StartAsync(bed);
        var copies = Full(await service.BlueInfoAsync(1));

        var through = await service.RunAsync([.. Upgrade, "--through", "switch"]);
        output.WriteLine(through.Output);
        through.Succeeded();
        Assert.Equal(copies, Full(await service.BlueInfoAsync(1)));
        await AssertMountedAsync(service, "blue-1", "green-2", "green-3");
        await ledger.WaitForWritesAsync(200, ReuseService.Patience);

        var rest = await service.RunAsync(Upgrade);
        output.WriteLine(rest.Output);
        rest.Succeeded();
        await AssertMountedAsync(service, "green-1", "green-2", "green-3");
        await ledger.WaitForWritesAsync(200, ReuseService.Patience);
        Assert.Contains("connected_slaves:2", await service.GreenInfoAsync(2), StringComparison.Ordinal);
        Assert.Contains("redis_version:8.0", await service.GreenInfoAsync(1), StringComparison.Ordinal);
        await AssertFlawlessAsync(ledger, service.Router, service.OnGreen(2));
    }

    [ServerFact("fleet", "volumes", "redis-7.0", "redis-8.0")]
    public async Task A_switch_is_taken_back_and_every_old_server_runs_on_its_own_disk_again()
    {
        await using var bed = new TestBed(output);
        var (service, ledger) = await StartAsync(bed);

        (await service.RunAsync([.. Upgrade, "--through", "switch"])).Succeeded();
        await ledger.WaitForWritesAsync(200, ReuseService.Patience);
        var undone = await service.RunAsync(Undo);
        output.WriteLine(undone.Output);
        undone.Succeeded();
        await ledger.WaitForWritesAsync(200, ReuseService.Patience);
        await AssertBackAsync(service);
        await AssertFlawlessAsync(ledger, service.Router, service.OnBlue(1));
    }

    [ServerTheory("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    [InlineData(nameof(StepName.Provision), "new-2", nameof(FaultMoment.BeforeAct))]
    [InlineData(nameof(StepName.Provision), "new-2", nameof(FaultMoment.AfterAct))]
    [InlineData(nameof(StepName.Provision), "new-3", nameof(FaultMoment.AfterRecord))]
    [InlineData(nameof(StepName.Join), "new-1", nameof(FaultMoment.BeforeAct))]
    [InlineData(nameof(StepName.Join), "new-1", nameof(FaultMoment.AfterAct))]
    public async Task An_orchestrator_that_is_killed_between_nodes_is_gone_on_with(string step, string node, string moment)
    {
        await using var bed = new TestBed(output);
        var (service, ledger) = await StartAsync(bed);
        await KillAsync(service, step, node, moment);

        var resumed = await service.RunAsync("resume", ReuseService.File, "--verbose");
        output.WriteLine(resumed.Output);
        Assert.True(resumed.ExitCode == 0 || resumed.ErrorId == "NoUpgrade", resumed.Output); // Its keeper may have finished it.
        await ledger.WaitForWritesAsync(200, ReuseService.Patience);
        await AssertMountedAsync(service, "green-1", "green-2", "green-3");
        Assert.Contains("connected_slaves:2", await service.GreenInfoAsync(2), StringComparison.Ordinal);
        await AssertFlawlessAsync(ledger, service.Router, service.OnGreen(2));
    }

    [ServerTheory("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    [InlineData("new-2", nameof(FaultMoment.BeforeAct))]
    [InlineData("new-2", nameof(FaultMoment.AfterAct))]
    [InlineData("new-3", nameof(FaultMoment.AfterRecord))]
    public async Task An_orchestrator_that_is_killed_between_nodes_is_taken_back(string node, string moment)
    {
        await using var bed = new TestBed(output);
        var (service, ledger) = await StartAsync(bed);
        await KillAsync(service, nameof(StepName.Provision), node, moment);

        var undone = await service.RunAsync(Undo);
        output.WriteLine(undone.Output);
        undone.Succeeded();
        await ledger.WaitForWritesAsync(200, ReuseService.Patience);
        await AssertBackAsync(service);
        await AssertFlawlessAsync(ledger, service.Router, service.OnBlue(1));
    }

    [ServerTheory("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_orchestrator_keeper_and_guard_that_die_with_a_volume_on_its_way_are_gone_on_with_or_taken_back(bool undo)
    {
        await using var bed = new TestBed(output);
        var (service, ledger) = await StartAsync(bed);
        var upgrade = service.Start("statefuldeploy", [], Upgrade);
        await TestBed.WaitUntilAsync(async () => (await service.MountedOnAsync(2)).Count == 0, "the first volume is off its machine", ReuseService.Patience);
        await upgrade.KillAsync();
        await service.Operator.TryRunAsync("pkill", "-9", "-f", "statefuldeploy.dll (keeper|guard)");

        var ended = await service.RunAsync(undo ? Undo : ["resume", ReuseService.File, "--verbose"]);
        output.WriteLine(ended.Output);
        ended.Succeeded();
        await ledger.WaitForWritesAsync(200, ReuseService.Patience);
        await (undo ? AssertBackAsync(service) : AssertMountedAsync(service, "green-1", "green-2", "green-3"));
        await AssertFlawlessAsync(ledger, service.Router, undo ? service.OnBlue(1) : service.OnGreen(2));
    }

    [ServerFact("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    public async Task A_machine_that_crashes_with_its_new_volume_holds_the_upgrade_up_and_nobody_else_mounts_it()
    {
        await using var bed = new TestBed(output);
        var (service, ledger) = await StartAsync(bed);
        var upgrade = service.Start("statefuldeploy", [], [.. Upgrade, "--through", "switch"]);
        await TestBed.WaitUntilAsync(async () => (await service.MountedOnAsync(2)) is ["green-2"], "the first volume is mounted", ReuseService.Patience);
        await service.Green(2).CrashAsync();
        await upgrade.WaitForExitAsync(ReuseService.Patience);
        output.WriteLine(upgrade.Output);
        Assert.Contains("id: VolumeStranded", upgrade.Output, StringComparison.Ordinal);
        await ledger.WaitForWritesAsync(200, ReuseService.Patience);
        Assert.Equal("g2\n", await File.ReadAllTextAsync(service.Disk(2).Image + ".attached"));

        await service.Green(2).StartAsync();
        var rest = await service.RunAsync(Upgrade);
        output.WriteLine(rest.Output);
        rest.Succeeded();
        await AssertMountedAsync(service, "green-1", "green-2", "green-3");
        await AssertFlawlessAsync(ledger, service.Router, service.OnGreen(2));
    }

    [ServerFact("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    public async Task A_volume_that_somebody_holds_stays_and_its_old_server_runs_again()
    {
        await using var bed = new TestBed(output);
        var (service, ledger) = await StartAsync(bed);
        await using var holder = service.Blue(2).Start("sh", "-c", $"cd {ReuseService.MountPoint(2)} && echo holding && exec sleep 1000");
        await holder.WaitForLineAsync("holding", ReuseService.Patience);

        var refused = await service.RunAsync(Upgrade);
        output.WriteLine(refused.Output);
        Assert.Equal("VolumeBusy", refused.ErrorId);
        Assert.Contains("(sleep)", refused.Output, StringComparison.Ordinal);
        Assert.Contains("connected_slaves:2", await service.BlueInfoAsync(1), StringComparison.Ordinal);
        Assert.Contains("redis_version:7.0", await service.BlueInfoAsync(2), StringComparison.Ordinal);

        await holder.KillAsync();
        (await service.RunAsync(Undo)).Succeeded();
        await AssertBackAsync(service);
        await AssertFlawlessAsync(ledger, service.Router, service.OnBlue(1));
    }

    [ServerFact("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    public async Task What_stands_against_it_is_told_before_anything_is_touched()
    {
        await using var bed = new TestBed(output);
        var service = await ReuseService.StartAsync(bed);
        await service.Green(2).RunAsync("mkdir", "-p", ReuseService.MountPoint(2));
        await service.Green(2).RunAsync("touch", ReuseService.MountPoint(2) + "/appendonly.aof");
        await service.Green(3).RunAsync("mkdir", "-p", ReuseService.MountPoint(3));
        await service.Green(3).RunAsync("mount", "-t", "tmpfs", "tmpfs", ReuseService.MountPoint(3));
        await service.DescribeAsync(text => text.Replace("filesystem: ext4", "filesystem: xfs", StringComparison.Ordinal));

        var plan = await service.RunAsync("plan", ReuseService.File, "--strategy", "volume-reuse");
        output.WriteLine(plan.Output);
        Assert.All(["MountPointNotEmpty", "MountPointTaken", "VolumeNotInPlace", "RedundancyReduced"], code => Assert.Contains($"({code})", plan.Output, StringComparison.Ordinal));
        Assert.NotEqual(0, (await service.RunAsync(Upgrade)).ExitCode);

        await service.DescribeAsync(text => text.Replace("node: orders-3", "node: orders-9", StringComparison.Ordinal));
        Assert.Equal("NodeNotInCluster", (await service.RunAsync("plan", ReuseService.File, "--strategy", "volume-reuse")).ErrorId);
        await service.Green(3).RunAsync("umount", ReuseService.MountPoint(3));
        await AssertMountedAsync(service, "blue-1", "blue-2", "blue-3");
        Assert.Contains("connected_slaves:2", await service.BlueInfoAsync(1), StringComparison.Ordinal);
    }

    private static async Task KillAsync(ReuseService service, string step, string node, string moment)
    {
        var fault = new FaultOrder { At = (Enum.Parse<StepName>(step), Enum.Parse<FaultMoment>(moment)), Node = node, Do = "Kill" };
        await service.StartWith(fault, Upgrade).Process.WaitForExitAsync(ReuseService.Patience);
    }

    private static async Task AssertMountedAsync(ReuseService service, params string[] machines)
    {
        for (var node = 1; node <= machines.Length; node++)
        {
            Assert.Equal([machines[node - 1]], await service.MountedOnAsync(node));
        }
    }

    private static async Task AssertBackAsync(ReuseService service)
    {
        await AssertMountedAsync(service, "blue-1", "blue-2", "blue-3");
        for (var node = 1; node <= 3; node++)
        {
            Assert.Contains("redis_version:7.0", await service.BlueInfoAsync(node), StringComparison.Ordinal);
            Assert.Equal(1, (await service.Green(node).TryRunAsync("test", "-e", $"/srv/new-{node}")).ExitCode);
        }

        Assert.Contains("connected_slaves:2", await service.BlueInfoAsync(1), StringComparison.Ordinal);
    }

    private static async Task<(ReuseService Service, Ledger Ledger)> StartAsync(TestBed bed)
    {
        var service = await ReuseService.StartAsync(bed);
        var ledger = await bed.StartLedgerAsync(service.Router, Load);
        await ledger.WaitForWritesAsync(200, ReuseService.Patience);
        return (service, ledger);
    }

    private static async Task AssertFlawlessAsync(Ledger ledger, params RedisLedgerEndpoint[] endpoints)
    {
        await ledger.StopAsync();
        var totals = ledger.Totals();
        var told = $"{totals}\n{string.Join("; ", totals.Examples)}";
        Assert.True(totals.Acknowledged > 400, told);
        Assert.True(totals.FailedWrites + totals.Indeterminate + totals.FailedReads + totals.MissingReads + totals.StaleReads + totals.WrongReads + totals.CounterAnomalies == 0, told);
        Assert.True(totals.DroppedConnections + totals.Timeouts + totals.FailedConnects == 0, told);
        foreach (var endpoint in endpoints)
        {
            var verdict = await ledger.VerifyAsync(endpoint);
            Assert.True(verdict.Clean, $"{verdict}\n{string.Join("; ", verdict.Examples)}");
        }
    }

    private static string Full(string info) => FullSyncs().Match(info).Value;

    [GeneratedRegex("^sync_full:[0-9]+", RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FullSyncs();
}
