using System.Text.Json.Nodes;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Harness.Azure.Faults;
using StatefulDeploy.Upgrade.Tests.Fleet;
using StatefulDeploy.Upgrade.Tests.Stage;
using Xunit.Abstractions;

namespace StatefulDeploy.Azure.Upgrade.Tests;

/// <summary>What goes wrong at Azure while a live service is upgraded: no client sees it, nothing is left over, and the upgrade ends well or goes back.</summary>
public sealed class AzureFaultTests(ITestOutputHelper output)
{
    private const string First = "orders-data-2";

    public static TheoryData<FaultName, string?, string?, int> Passing => new()
    {
        { FaultName.Preempted, "blue-2", null, 2 },
        { FaultName.Preempted, "green-2", null, 2 },
        { FaultName.FailedAttach, First, null, 1 },
        { FaultName.FailedOperation, "blue-3", null, 1 },
        { FaultName.ThrottleStorm, null, null, 30 },
        { FaultName.ServerError, null, "POST", 2 },
        { FaultName.ExpiredToken, null, null, 4 },
        { FaultName.LostAnswer, null, "POST", 2 },
        { FaultName.SlowOperation, "blue-2", null, 1 },
    };

    [AzureFact("fleet", "volumes", "redis-7.0", "redis-8.0")]
    public async Task Whoever_goes_on_waits_for_the_detachment_that_hung_when_all_others_died_and_weathers_a_storm()
    {
        await using var bed = new TestBed(output);
        var azure = new AzureShelf();
        var (service, ledger) = await ReuseService.StartLoadedAsync(bed, new ReuseShape { Shelf = azure });
        var hang = azure.Inject(new Fault(FaultName.HungDetach) { Resource = First });
        await DieWhenAsync(service, () => Task.FromResult(azure.Simulator.Faults.Count(FaultName.HungDetach) == 1), "the first detachment hangs");
        azure.Inject(new Fault(FaultName.ExpiredToken));
        azure.Inject(new Fault(FaultName.ThrottleStorm) { Times = 10, RetryAfter = 0 });
        azure.Inject(new Fault(FaultName.Preempted) { Resource = "green-2" });
        azure.Inject(new Fault(FaultName.LostAnswer) { Method = "POST", Resource = "blue-3" });
        azure.Inject(new Fault(FaultName.FailedAttach) { Resource = "orders-data-3" });

        var resumed = service.Start("statefuldeploy", [], "resume", ReuseService.File, "--verbose");
        var polls = azure.Polls;
        await TestBed.WaitUntilAsync(() => Task.FromResult(azure.Polls > polls), "the second process waits for the same detachment", ReuseService.Patience);
        azure.Simulator.Faults.Lift(hang);
        await EndedAsync(resumed);

        await ledger.WaitForWritesAsync(200, ReuseService.Patience);
        await azure.AssertSettledAsync("green-1", "green-2", "green-3");
        await service.AssertUpgradedAsync();
        Assert.Single(azure.Taken("blue-2"));
        Assert.Equal(15, azure.Simulator.Faults.Happened.Count);
        await ReuseService.AssertFlawlessAsync(ledger, service.Router, service.OnGreen(2));
    }

    [AzureTheory("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    [MemberData(nameof(Passing))]
    public async Task What_passes_is_waited_out(FaultName name, string? resource, string? method, int times)
    {
        await using var bed = new TestBed(output);
        var azure = new AzureShelf();
        var (service, ledger) = await ReuseService.StartLoadedAsync(bed, new ReuseShape { Shelf = azure });
        azure.Inject(new Fault(name) { Resource = resource, Method = method, Times = times, RetryAfter = 1, For = TimeSpan.FromSeconds(10) });

        await EndedAsync(service.Start("statefuldeploy", [], ReuseService.Upgrade));
        await ledger.WaitForWritesAsync(200, ReuseService.Patience);
        Assert.Equal(times, azure.Simulator.Faults.Count(name));
        await azure.AssertSettledAsync("green-1", "green-2", "green-3");
        await service.AssertUpgradedAsync();
        await ReuseService.AssertFlawlessAsync(ledger, service.Router, service.OnGreen(2));
    }

    [AzureTheory("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    [InlineData("2024-03-01", "POST")]
    [InlineData("2023-07-01", "PATCH")]
    public async Task Disks_that_colleagues_attach_to_the_same_machines_meanwhile_stay_theirs(string version, string method)
    {
        await using var bed = new TestBed(output);
        var azure = new AzureShelf { ComputeApiVersion = version };
        var (service, ledger) = await ReuseService.StartLoadedAsync(bed, new ReuseShape { Shelf = azure });
        foreach (var machine in new[] { "blue-2", "green-3", "green-1" })
        {
            await azure.Azure.MakeDiskAsync("theirs-" + machine);
            azure.Inject(new Fault(FaultName.Colleague) { Resource = machine, Method = method, Act = () => TakeAsync(azure, machine) });
        }

        await EndedAsync(service.Start("statefuldeploy", [], ReuseService.Upgrade));
        await ledger.WaitForWritesAsync(200, ReuseService.Patience);
        Assert.Equal(3, azure.Simulator.Faults.Count(FaultName.Colleague));
        foreach (var machine in new[] { "blue-2", "green-3", "green-1" })
        {
            Assert.Equal(machine, await azure.OwnerAsync("theirs-" + machine));
        }

        await azure.AssertSettledAsync("green-1", "green-2", "green-3");
        await service.AssertUpgradedAsync();
        await ReuseService.AssertFlawlessAsync(ledger, service.Router, service.OnGreen(2));
    }

    [AzureTheory("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_disk_that_reads_free_while_it_is_still_being_detached_is_attached_when_that_has_ended(bool undo)
    {
        await using var bed = new TestBed(output);
        var azure = new AzureShelf();
        var (service, ledger) = await ReuseService.StartLoadedAsync(bed, new ReuseShape { Shelf = azure });
        var linger = azure.Inject(new Fault(FaultName.LingeringDetach) { Resource = First });
        await DieWhenAsync(service, async () => await azure.OwnerAsync(First) == "nobody", "the first disk reads free");
        var polls = azure.Polls;

        var ended = service.Start("statefuldeploy", [], undo ? ReuseService.Undo : ["resume", ReuseService.File, "--verbose"]);
        // Back on its old machine the same operation is waited for; the new one is refused it.
        await TestBed.WaitUntilAsync(() => Task.FromResult(undo ? azure.Polls > polls : azure.WasRefused), "the disk is wanted while it is being detached", ReuseService.Patience);
        azure.Simulator.Faults.Lift(linger);
        await EndedAsync(ended);

        await ledger.WaitForWritesAsync(200, ReuseService.Patience);
        await azure.AssertSettledAsync(undo ? ["blue-1", "blue-2", "blue-3"] : ["green-1", "green-2", "green-3"]);
        await (undo ? service.AssertBackAsync() : service.AssertUpgradedAsync());
        await ReuseService.AssertFlawlessAsync(ledger, service.Router, undo ? service.OnBlue(1) : service.OnGreen(2));
    }

    [AzureFact("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    public async Task A_detachment_that_outlasts_its_patience_is_told_and_the_disk_comes_back_when_it_has_ended()
    {
        await using var bed = new TestBed(output);
        var azure = new AzureShelf { DetachPatience = "1m" };
        var (service, ledger) = await ReuseService.StartLoadedAsync(bed, new ReuseShape { Shelf = azure });
        var hang = azure.Inject(new Fault(FaultName.HungDetach) { Resource = First });

        var upgrade = service.Start("statefuldeploy", [], ReuseService.Upgrade);
        await TestBed.WaitUntilAsync(() => Task.FromResult(upgrade.Output.Contains("It goes back.", StringComparison.Ordinal)), "the detachment is given up", ReuseService.Patience);
        azure.Simulator.Faults.Lift(hang);
        await upgrade.WaitForExitAsync(ReuseService.Patience);
        output.WriteLine(upgrade.Output);
        Assert.Contains("id: AzureDetachPending", upgrade.Output, StringComparison.Ordinal);
        await azure.AssertSettledAsync("blue-1", "blue-2", "blue-3");
        await service.AssertMountedAsync("blue-1", "blue-2", "blue-3");
        Assert.Contains("connected_slaves:2", await service.BlueInfoAsync(1), StringComparison.Ordinal);

        await EndedAsync(service.Start("statefuldeploy", [], ReuseService.Undo));
        await service.AssertBackAsync();
        await ReuseService.AssertFlawlessAsync(ledger, service.Router, service.OnBlue(1));
    }

    [AzureFact("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    public async Task A_disk_that_Azure_refuses_to_attach_goes_back_and_the_next_try_is_a_whole_one()
    {
        await using var bed = new TestBed(output);
        var azure = new AzureShelf();
        var (service, ledger) = await ReuseService.StartLoadedAsync(bed, new ReuseShape { Shelf = azure });
        azure.Inject(new Fault(FaultName.FailedAttach) { Resource = First, Code = "OperationNotAllowed", Times = 3 });

        var refused = await service.RunAsync(ReuseService.Upgrade);
        output.WriteLine(refused.Output);
        Assert.NotEqual(0, refused.ExitCode);
        await azure.AssertSettledAsync("blue-1", "blue-2", "blue-3");
        await service.AssertMountedAsync("blue-1", "blue-2", "blue-3");
        Assert.Contains("connected_slaves:2", await service.BlueInfoAsync(1), StringComparison.Ordinal);

        foreach (var fault in azure.Injected)
        {
            azure.Simulator.Faults.Lift(fault);
        }

        await EndedAsync(service.Start("statefuldeploy", [], "resume", ReuseService.File, "--verbose"));
        await azure.AssertSettledAsync("green-1", "green-2", "green-3");
        await service.AssertUpgradedAsync();
        await ReuseService.AssertFlawlessAsync(ledger, service.Router, service.OnGreen(2));
    }

    private static async Task DieWhenAsync(ReuseService service, Func<Task<bool>> condition, string what)
    {
        var upgrade = service.Start("statefuldeploy", [], ReuseService.Upgrade);
        await TestBed.WaitUntilAsync(async () => upgrade.HasExited || await condition(), what, ReuseService.Patience);
        Assert.False(upgrade.HasExited, upgrade.Output);
        await upgrade.KillAsync();
        await service.Operator.TryRunAsync("pkill", "-9", "-f", "statefuldeploy.dll (keeper|guard)");
    }

    private static Task TakeAsync(AzureShelf azure, string machine) => azure.Azure.DoAsync(
        "POST",
        AzureStage.Machine(machine) + "/attachDetachDataDisks",
        new JsonObject { ["dataDisksToAttach"] = new JsonArray(new JsonObject { ["diskId"] = azure.Azure.Id(AzureStage.Disk("theirs-" + machine)) }) });

    private async Task EndedAsync(StatefulDeploy.Harness.Processes.TestProcess process)
    {
        var outcome = new CommandOutcome(await process.WaitForExitAsync(ReuseService.Patience), process.Output);
        output.WriteLine(outcome.Output);
        outcome.Succeeded();
    }
}
