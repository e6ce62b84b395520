using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Upgrade.Tests.Fleet;
using StatefulDeploy.Workflow;
using Xunit.Abstractions;

namespace StatefulDeploy.Azure.Upgrade.Tests;

/// <summary>The orchestrator is killed at every step of the table, and a second process ends what it began.</summary>
public sealed class AzureKillTests(ITestOutputHelper output)
{
    public static TheoryData<StepName, string?, FaultMoment> Moments
    {
        get
        {
            var moments = new TheoryData<StepName, string?, FaultMoment>();
            foreach (var step in Enum.GetValues<StepName>())
            {
                moments.Add(step, null, FaultMoment.AfterAct);
            }

            foreach (var moment in new[] { FaultMoment.BeforeAct, FaultMoment.AfterAct })
            {
                moments.Add(StepName.Provision, "new-2", moment);
                moments.Add(StepName.Provision, "new-3", moment);
                moments.Add(StepName.Join, "new-1", moment);
            }

            return moments;
        }
    }

    [AzureTheory("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    [MemberData(nameof(Moments))]
    public async Task A_second_process_goes_on(StepName step, string? node, FaultMoment moment)
    {
        await using var bed = new TestBed(output);
        var azure = new AzureShelf();
        var (service, ledger) = await ReuseService.StartLoadedAsync(bed, new ReuseShape { Shelf = azure });
        await service.KillAtAsync(step.ToString(), node, moment.ToString());

        var resumed = await service.RunAsync("resume", ReuseService.File, "--verbose");
        output.WriteLine(resumed.Output);
        Assert.True(resumed.ExitCode == 0 || resumed.ErrorId == "NoUpgrade", resumed.Output);
        if (resumed.ExitCode != 0 && await service.MountedOnAsync(2) is ["blue-2"])
        {
            // It died before there was anything to go on with; otherwise its keeper has finished it.
            (await service.RunAsync(ReuseService.Upgrade)).Succeeded();
        }

        await ledger.WaitForWritesAsync(200, ReuseService.Patience);
        await azure.AssertSettledAsync("green-1", "green-2", "green-3");
        await service.AssertUpgradedAsync();
        await ReuseService.AssertFlawlessAsync(ledger, service.Router, service.OnGreen(2));
    }

    [AzureTheory("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    [InlineData("new-2", FaultMoment.BeforeAct)]
    [InlineData("new-2", FaultMoment.AfterAct)]
    [InlineData("new-3", FaultMoment.AfterRecord)]
    public async Task A_second_process_takes_it_back(string node, FaultMoment moment)
    {
        await using var bed = new TestBed(output);
        var azure = new AzureShelf();
        var (service, ledger) = await ReuseService.StartLoadedAsync(bed, new ReuseShape { Shelf = azure });
        await service.KillAtAsync(nameof(StepName.Provision), node, moment.ToString());

        var undone = await service.RunAsync(ReuseService.Undo);
        output.WriteLine(undone.Output);
        undone.Succeeded();
        await ledger.WaitForWritesAsync(200, ReuseService.Patience);
        await azure.AssertSettledAsync("blue-1", "blue-2", "blue-3");
        await service.AssertBackAsync();
        await ReuseService.AssertFlawlessAsync(ledger, service.Router, service.OnBlue(1));
    }
}
