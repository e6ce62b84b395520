using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Upgrade.Tests.Fleet;
using StatefulDeploy.Upgrade.Tests.Stage;
using Xunit.Abstractions;

namespace StatefulDeploy.Azure.Upgrade.Tests;

/// <summary>A Redis with two replicas on virtual machines is upgraded under load: its managed disks go from machine to machine through Resource Manager and ssh.</summary>
public sealed class AzureReuseTests(ITestOutputHelper output)
{
    [AzureFact("fleet", "volumes", "redis-7.0", "redis-8.0")]
    public async Task A_switch_is_taken_back_with_every_disk_where_it_was_and_no_client_sees_any_of_it()
    {
        await using var bed = new TestBed(output);
        var azure = new AzureShelf();
        var (service, ledger) = await ReuseService.StartLoadedAsync(bed, new ReuseShape { Shelf = azure });

        Told(await service.RunAsync([.. ReuseService.Upgrade, "--through", "switch"]));
        await azure.AssertSettledAsync("blue-1", "green-2", "green-3");
        await service.AssertMountedAsync("blue-1", "green-2", "green-3");
        await ledger.WaitForWritesAsync(200, ReuseService.Patience);

        Told(await service.RunAsync(ReuseService.Undo));
        await azure.AssertSettledAsync("blue-1", "blue-2", "blue-3");
        await service.AssertBackAsync();
        await ledger.WaitForWritesAsync(200, ReuseService.Patience);
        await ReuseService.AssertFlawlessAsync(ledger, service.Router, service.OnBlue(1));
    }

    [AzureTheory("fleet", "volumes", "redis-7.0", "redis-8.0", Full = true)]
    [InlineData("2024-03-01")]
    [InlineData("2023-07-01")]
    public async Task Three_machines_are_upgraded_with_one_detachment_and_one_attachment_a_disk(string version)
    {
        await using var bed = new TestBed(output);
        var azure = new AzureShelf { ComputeApiVersion = version };
        var (service, ledger) = await ReuseService.StartLoadedAsync(bed, new ReuseShape { Shelf = azure });

        Told(await service.RunAsync(ReuseService.Upgrade));
        await ledger.WaitForWritesAsync(200, ReuseService.Patience);
        await azure.AssertSettledAsync("green-1", "green-2", "green-3");
        await service.AssertUpgradedAsync();
        Assert.Equal(6, azure.Changes.Count);
        await ReuseService.AssertFlawlessAsync(ledger, service.Router, service.OnGreen(2));
    }

    private void Told(CommandOutcome outcome)
    {
        output.WriteLine(outcome.Output);
        outcome.Succeeded();
    }
}
