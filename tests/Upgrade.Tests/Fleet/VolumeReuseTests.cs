using System.Text.RegularExpressions;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Fleet;

/// <summary>Green is made of blue's disks: real file systems that go from machine to machine while the service is under load. What can go wrong on the way is in the table of faults of volumes.</summary>
public sealed partial class VolumeReuseTests(ITestOutputHelper output)
{
    [ServerFact("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    public async Task Three_nodes_are_upgraded_on_their_own_disks_without_a_copy_and_nothing_fails()
    {
        await using var bed = new TestBed(output);
        var (service, ledger) = await ReuseService.StartLoadedAsync(bed);
        var copies = Full(await service.BlueInfoAsync(1));

        var through = await service.RunAsync([.. ReuseService.Upgrade, "--through", "switch"]);
        output.WriteLine(through.Output);
        through.Succeeded();
        Assert.Equal(copies, Full(await service.BlueInfoAsync(1)));
        await service.AssertMountedAsync("blue-1", "green-2", "green-3");
        await ledger.WaitForWritesAsync(200, ReuseService.Patience);

        var rest = await service.RunAsync(ReuseService.Upgrade);
        output.WriteLine(rest.Output);
        rest.Succeeded();
        await service.AssertMountedAsync("green-1", "green-2", "green-3");
        await ledger.WaitForWritesAsync(200, ReuseService.Patience);
        Assert.Contains("connected_slaves:2", await service.GreenInfoAsync(2), StringComparison.Ordinal);
        Assert.Contains("redis_version:8.0", await service.GreenInfoAsync(1), StringComparison.Ordinal);
        await ReuseService.AssertFlawlessAsync(ledger, service.Router, service.OnGreen(2));
    }

    [ServerFact("fleet", "volumes", "redis-7.0", "redis-8.0")]
    public async Task A_switch_is_taken_back_and_every_old_server_runs_on_its_own_disk_again()
    {
        await using var bed = new TestBed(output);
        var (service, ledger) = await ReuseService.StartLoadedAsync(bed);

        (await service.RunAsync([.. ReuseService.Upgrade, "--through", "switch"])).Succeeded();
        await ledger.WaitForWritesAsync(200, ReuseService.Patience);
        var undone = await service.RunAsync(ReuseService.Undo);
        output.WriteLine(undone.Output);
        undone.Succeeded();
        await ledger.WaitForWritesAsync(200, ReuseService.Patience);
        await service.AssertBackAsync();
        await ReuseService.AssertFlawlessAsync(ledger, service.Router, service.OnBlue(1));
    }

    [ServerFact("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    public async Task The_writer_may_be_on_another_machine_than_the_upgrade()
    {
        await using var bed = new TestBed(output);
        var (service, ledger) = await ReuseService.StartLoadedAsync(bed, new ReuseShape { OperatorElsewhere = true });

        var through = await service.RunAsync([.. ReuseService.Upgrade, "--through", "switch"]);
        output.WriteLine(through.Output);
        through.Succeeded();
        await service.AssertMountedAsync("blue-1", "green-2", "green-3");
        var rest = await service.RunAsync(ReuseService.Upgrade);
        output.WriteLine(rest.Output);
        rest.Succeeded();
        await service.AssertMountedAsync("green-1", "green-2", "green-3");
        await ledger.WaitForWritesAsync(200, ReuseService.Patience);
        Assert.Contains("connected_slaves:2", await service.GreenInfoAsync(2), StringComparison.Ordinal);
        await ReuseService.AssertFlawlessAsync(ledger, service.Router, service.OnGreen(2));
    }

    [ServerFact("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    public async Task A_switch_is_taken_back_to_a_writer_on_another_machine()
    {
        await using var bed = new TestBed(output);
        var (service, ledger) = await ReuseService.StartLoadedAsync(bed, new ReuseShape { OperatorElsewhere = true });

        (await service.RunAsync([.. ReuseService.Upgrade, "--through", "switch"])).Succeeded();
        var undone = await service.RunAsync(ReuseService.Undo);
        output.WriteLine(undone.Output);
        undone.Succeeded();
        await ledger.WaitForWritesAsync(200, ReuseService.Patience);
        await service.AssertBackAsync();
        await ReuseService.AssertFlawlessAsync(ledger, service.Router, service.OnBlue(1));
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
        Assert.NotEqual(0, (await service.RunAsync(ReuseService.Upgrade)).ExitCode);

        await service.DescribeAsync(text => text.Replace("node: orders-3", "node: orders-9", StringComparison.Ordinal));
        Assert.Equal("NodeNotInCluster", (await service.RunAsync("plan", ReuseService.File, "--strategy", "volume-reuse")).ErrorId);
        await service.Green(3).RunAsync("umount", ReuseService.MountPoint(3));
        await service.AssertMountedAsync("blue-1", "blue-2", "blue-3");
        Assert.Contains("connected_slaves:2", await service.BlueInfoAsync(1), StringComparison.Ordinal);
    }

    private static string Full(string info) => FullSyncs().Match(info).Value;

    [GeneratedRegex("^sync_full:[0-9]+", RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FullSyncs();
}
