using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Upgrade.Tests.Stage;
using StatefulDeploy.Workflow;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.EndToEnd;

/// <summary>
/// Two machines with a shared journal, each with a service file, a state folder and processes of its own; the guard is on blue's host, as ever.
/// A machine is lost when its operator and its keeper are killed and nothing of its state folder is asked any more.
/// </summary>
public sealed class SharedJournalUpgradeTests(ITestOutputHelper output)
{
    [ServerFact("redis-7.0", "redis-8.0", "azurite")]
    public async Task One_machine_switches_and_another_sees_it_and_takes_it_back_and_nothing_fails()
    {
        await using var bed = new TestBed(output);
        var (run, other) = await StartAsync(bed);
        await OperateAsync(run, "upgrade", run.Service.File, "--yes", "--through", "switch");
        await run.GoesOnAsync();

        var seen = await OperateAsync(run, "status", other, "--json");
        Assert.Contains("\"state\": \"Switched\"", seen.Output, StringComparison.Ordinal);
        Assert.Contains("\"journal\": \"http://127.0.0.1:", seen.Output, StringComparison.Ordinal);

        await OperateAsync(run, "undo", other, "--yes", "--verbose");
        await run.GoesOnAsync();
        await run.AssertFlawlessAsync(run.Service.Blue.EndPoint);
        Assert.Contains("\"status\": \"Undone\"", (await OperateAsync(run, "status", run.Service.File, "--json")).Output, StringComparison.Ordinal);
    }

    [ServerFact("redis-7.0", "redis-8.0", "azurite")]
    public Task An_upgrade_whose_machine_was_lost_after_the_commit_is_gone_on_with_from_another() => LoseAsync(StepName.Commit, FaultMoment.AfterAct);

    [ServerTheory("redis-7.0", "redis-8.0", "azurite", Full = true)]
    [InlineData(StepName.Provision, FaultMoment.AfterAct)]
    [InlineData(StepName.Replicate, FaultMoment.AfterRecord)]
    [InlineData(StepName.Fence, FaultMoment.BeforeAct)]
    [InlineData(StepName.Fence, FaultMoment.AfterAct)]
    [InlineData(StepName.Drain, FaultMoment.AfterAct)]
    [InlineData(StepName.Promote, FaultMoment.AfterAct)]
    [InlineData(StepName.Promote, FaultMoment.AfterRecord)]
    [InlineData(StepName.Commit, FaultMoment.BeforeAct)]
    [InlineData(StepName.Open, FaultMoment.AfterAct)]
    [InlineData(StepName.Switch, FaultMoment.AfterAct)]
    [InlineData(StepName.Switch, FaultMoment.AfterRecord)]
    public Task An_upgrade_whose_machine_was_lost_anywhere_is_gone_on_with_from_another(StepName step, FaultMoment moment) => LoseAsync(step, moment);

    private async Task LoseAsync(StepName step, FaultMoment moment)
    {
        await using var bed = new TestBed(output);
        var (run, other) = await StartAsync(bed);
        var first = OperatorProcess.Start(run.Service, new FaultOrder { At = (step, moment), Do = "Stop" }, "upgrade", run.Service.File, "--yes", "--through", "switch");
        await first.WaitForFaultAsync("Stop", UpgradeUnderLoad.Patience);
        foreach (var keeper in ProductProcess.Find(bed.Folder, "keeper"))
        {
            Signals.Kill(keeper.Id);
        }

        await first.Process.KillAsync();
        foreach (var folder in new[] { "shared", "upgrades" })
        {
            Directory.Move(Path.Combine(run.Service.StateFolder, folder), Path.Combine(bed.Folder, "lost-" + folder));
        }

        await OperateAsync(run, "resume", other, "--verbose");
        await OperateAsync(run, "upgrade", other, "--yes", "--through", "switch");
        await run.GoesOnAsync();

        var status = await OperateAsync(run, "status", other, "--json");
        Assert.Contains("\"state\": \"Switched\"", status.Output, StringComparison.Ordinal);
        await run.AssertNothingLostAsync(run.Service.GreenAddress);
    }

    private static async Task<(UpgradeUnderLoad Run, string OtherFile)> StartAsync(TestBed bed)
    {
        var azurite = await bed.StartAzuriteAsync();
        await azurite.MakeContainerAsync("journals");
        var key = Path.Combine(bed.Folder, "storage.key");
        await File.WriteAllTextAsync(key, AzuriteServer.Key);
        var run = await UpgradeUnderLoad.StartAsync(bed, new ServiceShape { MoreYaml = $"journal: {{ azureBlob: \"{azurite.Address}/journals/orders\", accountKeyFile: {key} }}" });
        var other = Path.Combine(bed.Folder, "other.yaml");
        var text = await File.ReadAllTextAsync(run.Service.File);
        await File.WriteAllTextAsync(other, text.Replace($"state: {run.Service.StateFolder}", $"state: {run.Service.StateFolder}-of-another", StringComparison.Ordinal));
        return (run, other);
    }

    private async Task<CommandOutcome> OperateAsync(UpgradeUnderLoad run, params string[] arguments)
    {
        var outcome = await OperatorProcess.RunAsync(run.Service, UpgradeUnderLoad.Patience, arguments);
        output.WriteLine(outcome.Output);
        return outcome.Succeeded();
    }
}
