using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Fleet;

/// <summary>A node alone gives its disk to its successor, in an outage that was consented to.</summary>
public sealed class SingleReuseTests(ITestOutputHelper output)
{
    private static readonly LedgerOptions Load = new() { Writers = 3, Readers = 1, WritesPerSecond = 100, ReadsPerSecond = 50, Timeout = TimeSpan.FromSeconds(40), RetryDelay = TimeSpan.FromMilliseconds(100) };
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private static readonly string[] Upgrade = ["upgrade", ReuseService.File, "--strategy", "volume-reuse", "--yes", "--verbose"];
    private static readonly string[] Consented = [.. Upgrade, "--allow-outage", "--allow-one-way"];
    private static readonly string[] Undo = ["undo", ReuseService.File, "--yes", "--verbose"];

    [ServerTheory("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    [InlineData(true)]
    public async Task On_another_machine_it_goes_on_where_it_was_and_there_is_no_way_back(bool elsewhere) => await UpgradeAsync(elsewhere);

    [ServerTheory("fleet", "volumes", "redis-7.0", "redis-8.0")]
    [InlineData(false)]
    public async Task Beside_the_old_server_it_goes_on_where_it_was_and_there_is_no_way_back(bool elsewhere) => await UpgradeAsync(elsewhere);

    [ServerFact("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    public async Task A_new_server_that_spoils_the_data_and_does_not_start_leaves_the_old_one_on_its_snapshot()
    {
        await using var bed = new TestBed(output);
        var (service, ledger) = await StartAsync(bed, elsewhere: true, SingleReuseService.BrokenServer(bed));

        var failed = await service.Product.RunAsync(Consented);
        output.WriteLine(failed.Output);
        Assert.Equal("GreenDidNotStart", failed.ErrorId);
        await ledger.WaitForWritesAsync(100, Patience);
        Assert.Equal(["old"], await service.MountedOnAsync());
        (await service.Product.RunAsync(Undo)).Succeeded();
        await ledger.WaitForWritesAsync(50, Patience);
        await FleetLedger.AssertNothingLostAsync(ledger, service.Router, service.OnBlue);
    }

    [ServerTheory("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Killed_with_the_volume_on_its_way_it_is_gone_on_with_or_taken_back(bool undo)
    {
        await using var bed = new TestBed(output);
        var (service, ledger) = await StartAsync(bed, elsewhere: true);
        var trap = await Trap.SetAsync(service.New, "mount", "*" + SingleReuseService.MountPoint + "*");
        var upgrade = service.Product.Start(Consented);
        await trap.ReachedAsync(Patience);
        await service.KillAllAsync();
        trap.LetGo();
        await upgrade.WaitForExitAsync(Patience);

        var ended = await service.Product.RunAsync(undo ? Undo : ["resume", ReuseService.File, "--verbose"]);
        output.WriteLine(ended.Output);
        ended.Succeeded();
        await ledger.WaitForWritesAsync(100, Patience);
        Assert.Equal([undo ? "old" : "new"], await service.MountedOnAsync());
        await FleetLedger.AssertNothingLostAsync(ledger, service.Router, undo ? service.OnBlue : service.OnGreen);
    }

    private async Task UpgradeAsync(bool elsewhere)
    {
        await using var bed = new TestBed(output);
        var (service, ledger) = await StartAsync(bed, elsewhere);

        var refused = await service.Product.RunAsync(Upgrade);
        Assert.Equal("OutageNotAllowed", refused.ErrorId);
        Assert.Equal("OneWay", (await service.Product.RunAsync([.. Upgrade, "--allow-outage"])).ErrorId);
        var plan = await service.Product.RunAsync("plan", ReuseService.File, "--strategy", "volume-reuse", "--allow-outage", "--allow-one-way");
        output.WriteLine(plan.Output);
        Assert.Contains("(PlannedOutage)", plan.Output, StringComparison.Ordinal);
        Assert.Contains("outage         about", plan.Output, StringComparison.Ordinal);
        await ledger.WaitForWritesAsync(50, Patience);

        var through = (await service.Product.RunAsync([.. Consented, "--through", "switch"])).Succeeded();
        output.WriteLine(through.Output);
        await ledger.WaitForWritesAsync(200, Patience);
        Assert.Equal([service.New.Name], await service.MountedOnAsync());
        Assert.Equal("NoWayBack", (await service.Product.RunAsync(Undo)).ErrorId);
        (await service.Product.RunAsync(Consented)).Succeeded();
        await ledger.WaitForWritesAsync(50, Patience);
        await FleetLedger.AssertNothingLostAsync(ledger, service.Router, service.OnGreen);
    }

    private static async Task<(SingleReuseService Service, Ledger Ledger)> StartAsync(TestBed bed, bool elsewhere, string? newServer = null)
    {
        var service = await SingleReuseService.StartAsync(bed, elsewhere, newServer);
        var ledger = await bed.StartLedgerAsync(service.Router, Load);
        await ledger.WaitForWritesAsync(200, Patience);
        return (service, ledger);
    }
}
