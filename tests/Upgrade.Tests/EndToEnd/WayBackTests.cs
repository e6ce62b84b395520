using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Upgrade.Tests.Stage;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.EndToEnd;

/// <summary>The relay that feeds an older blue after the switch is kept alive when nobody is at work, and the way back stays open.</summary>
public sealed class WayBackTests(ITestOutputHelper output)
{
    private const string Relay = "worker";

    [ServerFact("redis-7.0", "redis-8.0")]
    public Task A_relay_that_is_killed_again_and_again_is_started_again_and_nothing_is_applied_twice_or_lost() => KillAsync(rounds: 5);

    [ServerFact("redis-7.0", "redis-8.0", Full = true)]
    public Task A_relay_that_is_killed_a_hundred_times_is_started_again_and_nothing_is_applied_twice_or_lost() => KillAsync(rounds: 100);

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task A_blue_that_was_restarted_while_it_follows_goes_on_following()
    {
        await using var bed = new TestBed(output);
        var run = await SwitchAsync(bed);
        await run.Service.Blue.KillAsync();
        await run.GoesOnAsync();
        await run.Service.Blue.StartAsync();
        await run.GoesOnAsync();
        await UndoAsync(run);
    }

    private async Task KillAsync(int rounds)
    {
        await using var bed = new TestBed(output);
        var run = await SwitchAsync(bed);
        for (var round = 0; round < rounds; round++)
        {
            var killed = await FindRelayAsync(run.Service, besides: 0);
            Signals.Kill(killed);
            await FindRelayAsync(run.Service, besides: killed);
            await Task.WhenAll(run.Ledgers.Select(ledger => ledger.WaitForWritesAsync(5, UpgradeUnderLoad.Patience)));
        }

        await UndoAsync(run);
    }

    private async Task<UpgradeUnderLoad> SwitchAsync(TestBed bed)
    {
        var run = await UpgradeUnderLoad.StartAsync(bed, new ServiceShape());
        var outcome = await OperatorProcess.RunAsync(run.Service, UpgradeUnderLoad.Patience, "upgrade", run.Service.File, "--yes", "--through", "switch", "--skip-verification", "the way back is what is tested");
        output.WriteLine(outcome.Output);
        outcome.Succeeded();
        return run;
    }

    private async Task UndoAsync(UpgradeUnderLoad run)
    {
        var undone = await OperatorProcess.RunAsync(run.Service, UpgradeUnderLoad.Patience, "undo", run.Service.File, "--yes", "--verbose");
        output.WriteLine(undone.Output);
        undone.Succeeded();
        await run.GoesOnAsync();
        await run.Sample.AssertOnAsync(run.Service.Blue.EndPoint);
        await run.AssertFlawlessAsync(run.Service.Blue.EndPoint);
    }

    private static async Task<int> FindRelayAsync(LiveService service, int besides)
    {
        var found = 0;
        await TestBed.WaitUntilAsync(
            () => Task.FromResult((found = ProductProcess.Find(service.Bed.Folder, Relay).Select(process => process.Id).FirstOrDefault(id => id != besides)) != 0),
            "a relay runs",
            UpgradeUnderLoad.Patience);
        return found;
    }
}
