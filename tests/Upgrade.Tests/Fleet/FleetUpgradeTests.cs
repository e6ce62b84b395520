using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Upgrade.Tests.Stage;
using StatefulDeploy.Workflow;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Fleet;

/// <summary>Green is on another machine, reached by a real sshd, and clients notice nothing.</summary>
public sealed class FleetUpgradeTests(ITestOutputHelper output)
{
    [ServerFact("fleet", "redis-7.0", "redis-8.0")]
    public async Task A_service_is_switched_to_another_machine_and_back_under_load_and_nothing_fails()
    {
        await using var bed = new TestBed(output);
        var (service, ledger) = await FleetLedger.StartAsync(bed);

        (await service.RunAsync("upgrade", "/srv/service.yaml", "--yes", "--through", "switch", "--verbose")).Succeeded();
        await ledger.WaitForWritesAsync(200, FleetService.Patience);
        Assert.Contains("8.0", await service.Green.RunAsync("redis-cli", "-h", service.Green.Address, "-p", "7002", "INFO", "server"), StringComparison.Ordinal);
        Assert.Contains("/srv/orders/redis.conf", await service.Green.RunAsync("find", "/srv/orders"), StringComparison.Ordinal);
        Assert.NotEmpty(await service.Green.RunAsync("pgrep", "-f", "redis-server"));
        Assert.NotEmpty(await service.Blue.RunAsync("pgrep", "-f", "statefuldeploy.dll keeper"));

        (await service.RunAsync("undo", "/srv/service.yaml", "--yes", "--verbose")).Succeeded();
        await ledger.WaitForWritesAsync(200, FleetService.Patience);
        Assert.Equal(1, (await service.Green.TryRunAsync("test", "-e", "/srv/orders")).ExitCode);
        await FleetLedger.AssertFlawlessAsync(ledger, service.Router, service.OnBlue);
    }

    [ServerFact("fleet", "redis-7.0", "redis-8.0")]
    public async Task An_upgrade_that_finds_the_other_machine_gone_changes_nothing_and_goes_on_when_it_is_back()
    {
        await using var bed = new TestBed(output);
        var (service, ledger) = await FleetLedger.StartAsync(bed);
        (await service.RunAsync("upgrade", "/srv/service.yaml", "--yes", "--through", "replicate")).Succeeded();

        await service.EndSshOfGreenAsync();
        var refused = await service.RunAsync("upgrade", "/srv/service.yaml", "--yes", "--through", "switch");
        output.WriteLine(refused.Output);
        Assert.Equal(("HostUnreachable", 6), (refused.ErrorId, refused.ExitCode));
        await ledger.WaitForWritesAsync(200, FleetService.Patience);

        await service.Green.StartSshAsync();
        (await service.RunAsync("upgrade", "/srv/service.yaml", "--yes")).Succeeded();
        await ledger.WaitForWritesAsync(200, FleetService.Patience);
        await FleetLedger.AssertFlawlessAsync(ledger, service.Router, service.OnGreen);
    }

    [ServerTheory("fleet", "redis-7.0", "redis-8.0")]
    [InlineData(nameof(StepName.Drain))]
    [InlineData(nameof(StepName.Commit))]
    public async Task An_ssh_that_is_cut_inside_the_closed_window_keeps_nobody_from_opening_it(string step)
    {
        await using var bed = new TestBed(output);
        var (service, ledger) = await FleetLedger.StartAsync(bed);
        (await service.RunAsync("upgrade", "/srv/service.yaml", "--yes", "--through", "verify")).Succeeded();

        var (process, signal) = service.StartWith(new FaultOrder { At = (Enum.Parse<StepName>(step), FaultMoment.AfterAct) }, "upgrade", "/srv/service.yaml", "--yes", "--through", "switch", "--verbose");
        await process.WaitUntilAsync(() => File.Exists(signal + ".reached"), "it stands in the window", FleetService.Patience);
        await service.EndSshOfGreenAsync();
        await File.WriteAllTextAsync(signal + ".go", string.Empty);
        await ledger.WaitForWritesAsync(200, FleetService.Patience);

        await service.Green.StartSshAsync();
        await process.WaitForExitAsync(FleetService.Patience);
        output.WriteLine(process.Output);
        (await service.RunAsync("upgrade", "/srv/service.yaml", "--yes")).Succeeded();
        await ledger.WaitForWritesAsync(200, FleetService.Patience);
        await FleetLedger.AssertFlawlessAsync(ledger, service.Router, service.OnGreen);
        Assert.DoesNotContain("writes are closed", await File.ReadAllTextAsync(Path.Combine(service.Green.Disk, "orders/redis.conf")), StringComparison.Ordinal);
    }
}
