using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Fleet;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using StatefulDeploy.Upgrade.Tests.Stage;
using StatefulDeploy.Workflow;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Fleet;

/// <summary>Blue's writer is on another machine than the upgrade: the guard runs there, and ends the window also when nobody reaches it.</summary>
public sealed class RemoteGuardTests(ITestOutputHelper output)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [ServerFact("fleet", "redis-7.0", "redis-8.0")]
    public async Task A_service_on_other_machines_is_switched_and_back_under_load_and_nothing_fails()
    {
        await using var bed = new TestBed(output);
        var (service, ledger) = await FleetLedger.StartAsync(bed, writerElsewhere: true);

        (await service.RunAsync("upgrade", "/srv/service.yaml", "--yes", "--through", "switch", "--verbose")).Succeeded();
        await ledger.WaitForWritesAsync(200, FleetService.Patience);
        Assert.Equal(Private, File.GetUnixFileMode(Path.Combine(service.Blue.Disk, "watch/secrets.json")));
        Assert.True(File.Exists(Path.Combine(service.Blue.Disk, "watch/register")));
        Assert.False(File.Exists(Path.Combine(service.Home.Disk, "guard/register")));

        (await service.RunAsync("undo", "/srv/service.yaml", "--yes", "--verbose")).Succeeded();
        await ledger.WaitForWritesAsync(200, FleetService.Patience);
        Assert.False(File.Exists(Path.Combine(service.Blue.Disk, "watch/secrets.json")));
        Assert.Equal(1, (await service.Green.TryRunAsync("test", "-e", "/srv/orders")).ExitCode);
        await FleetLedger.AssertFlawlessAsync(ledger, service.Router, service.OnBlue);
    }

    [ServerFact("fleet", "redis-7.0", "redis-8.0", Full = true)]
    public async Task A_cable_pulled_inside_the_window_leaves_it_to_the_guard_which_opens_blue()
    {
        await using var bed = new TestBed(output);
        var (service, ledger, process, signal) = await StandInWindowAsync(bed, StepName.Drain);
        Assert.False(await service.TakesWritesAsync());

        await TestFleet.CutAsync(service.Home, service.Blue);
        await File.WriteAllTextAsync(signal + ".go", string.Empty);
        await TestBed.WaitUntilAsync(service.TakesWritesAsync, "blue takes writes by itself", FleetService.Patience);
        await process.WaitForExitAsync(FleetService.Patience);
        output.WriteLine(process.Output);
        Assert.Equal("WindowUnknown", new CommandOutcome(process.ExitCode, process.Output).ErrorId);

        await TestFleet.HealAsync(service.Home, service.Blue);

        // What was under way when the cable was pulled is answered when TCP sends it again, which may take longer than a hold waits: nothing is closed then.
        CommandOutcome resumed;
        for (var since = TimeProvider.System.GetTimestamp(); ; )
        {
            resumed = await service.RunAsync("resume", "/srv/service.yaml", "--verbose");
            if (resumed.ErrorId != "GatewayDrainTimeout" || TimeProvider.System.GetElapsedTime(since) > FleetService.Patience)
                break;
        }

        resumed.Succeeded();
        (await service.RunAsync("upgrade", "/srv/service.yaml", "--yes", "--verbose")).Succeeded();
        await ledger.WaitForWritesAsync(200, FleetService.Patience);
        await FleetLedger.AssertNothingLostAsync(ledger, service.OnGreen);
    }

    [ServerFact("fleet", "redis-7.0", "redis-8.0", Full = true)]
    public async Task A_cable_pulled_right_after_the_commit_leaves_only_the_way_forward()
    {
        await using var bed = new TestBed(output);
        var (service, ledger, process, signal) = await StandInWindowAsync(bed, StepName.Commit);

        await TestFleet.CutAsync(service.Home, service.Blue);
        await File.WriteAllTextAsync(signal + ".go", string.Empty);
        await process.WaitForExitAsync(FleetService.Patience);
        output.WriteLine(process.Output);
        Assert.False(await service.TakesWritesAsync());

        await TestFleet.HealAsync(service.Home, service.Blue);
        (await service.RunAsync("resume", "/srv/service.yaml", "--verbose")).Succeeded();
        await ledger.WaitForWritesAsync(200, FleetService.Patience);
        Assert.False(await service.TakesWritesAsync());
        await FleetLedger.AssertNothingLostAsync(ledger, service.OnGreen);
    }

    [ServerFact("fleet", "redis-7.0", "redis-8.0", Full = true)]
    public async Task An_orchestrator_that_is_killed_in_the_window_is_taken_over_by_its_keeper()
    {
        await using var bed = new TestBed(output);
        var (service, ledger) = await FleetLedger.StartAsync(bed, writerElsewhere: true);
        (await service.RunAsync("upgrade", "/srv/service.yaml", "--yes", "--through", "verify")).Succeeded();
        var (process, _) = service.StartWith(new FaultOrder { At = (StepName.Drain, FaultMoment.AfterAct), Do = "Kill" }, "upgrade", "/srv/service.yaml", "--yes", "--through", "switch");
        await process.WaitForExitAsync(FleetService.Patience);

        await ledger.WaitForWritesAsync(200, FleetService.Patience);
        (await service.RunAsync("resume", "/srv/service.yaml", "--verbose")).Succeeded();
        (await service.RunAsync("upgrade", "/srv/service.yaml", "--yes", "--verbose")).Succeeded();
        await ledger.WaitForWritesAsync(200, FleetService.Patience);
        await FleetLedger.AssertFlawlessAsync(ledger, service.OnGreen);
    }

    [ServerFact("fleet", "redis-7.0", "redis-8.0", Full = true)]
    public async Task A_guard_that_is_killed_in_the_window_is_replaced_over_there_and_the_switch_goes_on()
    {
        await using var bed = new TestBed(output);
        var (service, ledger, process, signal) = await StandInWindowAsync(bed, StepName.Drain);

        await service.Blue.RunAsync("sh", "-c", "kill -9 $(sed 's/.*\"id\":\\([0-9]*\\).*/\\1/' /srv/watch/holder.json)");
        await File.WriteAllTextAsync(signal + ".go", string.Empty);
        await process.WaitForExitAsync(FleetService.Patience);
        output.WriteLine(process.Output);
        Assert.Equal(0, process.ExitCode);
        await ledger.WaitForWritesAsync(200, FleetService.Patience);
        await FleetLedger.AssertFlawlessAsync(ledger, service.OnGreen);
    }

    [ServerFact("fleet", "postgresql-15", "postgresql-17", "pgbouncer", Full = true)]
    public async Task A_PostgreSQL_on_other_machines_is_switched_and_back_under_load_and_nothing_fails()
    {
        await using var bed = new TestBed(output);
        var service = await FleetPostgres.StartAsync(bed);
        var ledger = await bed.StartLedgerAsync(service.Router, FleetLedger.Load);
        await ledger.WaitForWritesAsync(200, FleetProduct.Patience);

        (await service.Product.RunAsync("upgrade", "/srv/service.yaml", "--yes", "--through", "switch", "--verbose")).Succeeded();
        await ledger.WaitForWritesAsync(200, FleetProduct.Patience);
        Assert.True(File.Exists(Path.Combine(service.Blue.Disk, "watch/register")));
        Assert.True(File.Exists(Path.Combine(service.Green.Disk, "green/accounts-2/PG_VERSION")));

        (await service.Product.RunAsync("undo", "/srv/service.yaml", "--yes", "--verbose")).Succeeded();
        await ledger.WaitForWritesAsync(200, FleetProduct.Patience);
        Assert.False(File.Exists(Path.Combine(service.Green.Disk, "green/accounts-2/PG_VERSION")));
        await FleetLedger.AssertFlawlessAsync(ledger, service.Router, service.OnBlue);
    }

    private static async Task<(FleetService Service, Ledger Ledger, TestProcess Process, string Signal)> StandInWindowAsync(TestBed bed, StepName step)
    {
        var (service, ledger) = await FleetLedger.StartAsync(bed, writerElsewhere: true);
        (await service.RunAsync("upgrade", "/srv/service.yaml", "--yes", "--through", "verify")).Succeeded();
        var (process, signal) = service.StartWith(new FaultOrder { At = (step, FaultMoment.AfterAct) }, "upgrade", "/srv/service.yaml", "--yes", "--through", "switch", "--verbose");
        await process.WaitUntilAsync(() => File.Exists(signal + ".reached"), "it stands in the window", FleetService.Patience);
        return (service, ledger, process, signal);
    }
}
