using System.Net;
using System.Net.Sockets;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using StatefulDeploy.Upgrade.Tests.Stage;
using StatefulDeploy.Workflow;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Shards;

/// <summary>The real command upgrades the shards of a live service one by one, under load on all of them.</summary>
public sealed class ShardByShardTests(ITestOutputHelper output)
{
    private static readonly (ClusterState, ClusterColour) Untouched = (ClusterState.Serving, ClusterColour.Blue);
    private static readonly (ClusterState, ClusterColour) Switched = (ClusterState.Switched, ClusterColour.Green);
    private static readonly (ClusterState, ClusterColour) Retired = (ClusterState.Retired, ClusterColour.Green);

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task The_first_failure_leaves_the_rest_untouched_resume_finishes_and_undo_takes_every_shard_back()
    {
        await using var bed = new TestBed(output);
        var service = await ShardedService.StartAsync(bed, "a", "b", "c");
        var operation = Start(service, ("a", StepName.Rehearse, FaultMoment.BeforeAct), "Wait", "--through", "switch");
        await operation.WaitForFaultAsync("Wait", ShardedService.Patience);
        CommandOutcome failed;
        using (var other = new TcpListener(IPAddress.Loopback, service.Shards[1].GreenPort))
        {
            other.Start();
            operation.LetGo();
            failed = await operation.WaitAsync(ShardedService.Patience);
        }

        output.WriteLine(failed.Output);
        Assert.Equal("GreenPortTaken", failed.ErrorId);
        Assert.Contains("Shard 'b'", failed.Output, StringComparison.Ordinal);
        Assert.Equal([Switched, Untouched, Untouched], await service.StatesAsync());
        Assert.False(Directory.Exists(Path.Combine(service.StateFolder, "shards", "c", "upgrades")));
        await service.GoesOnAsync();

        (await service.OperateAsync("resume", service.File)).Succeeded();
        Assert.Equal([Switched, Switched, Switched], await service.StatesAsync());
        await service.GoesOnAsync();

        var undone = (await service.OperateAsync("undo", service.File, "--yes")).Succeeded();
        output.WriteLine(undone.Output);
        Assert.Equal(UpgradeStatus.Undone, (await service.StatusAsync()).Status);
        Assert.True(undone.Output.IndexOf("Shard 'c' goes back", StringComparison.Ordinal) < undone.Output.IndexOf("Shard 'a' goes back", StringComparison.Ordinal), "the last one goes back first");
        await service.GoesOnAsync();
        await service.AssertFlawlessAsync(green: false);
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task Two_shards_at_once_are_upgraded_to_the_end_and_the_report_tells_of_both()
    {
        await using var bed = new TestBed(output);
        var service = await ShardedService.StartAsync(bed, "a", "b");
        var outcome = await service.OperateAsync("upgrade", service.File, "--strategy", "shard-by-shard", "--throttle-limit", "2", "--yes");
        output.WriteLine(outcome.Output);
        outcome.Succeeded();

        var status = await service.StatusAsync();
        Assert.Equal((UpgradeStatus.Completed, ClusterState.Retired), (status.Status, status.State));
        Assert.Equal([Retired, Retired], await service.StatesAsync());
        Assert.All(service.Shards, shard => Assert.Equal(0, ProductProcess.ListeningOn(shard.Blue.Port)));
        Assert.All(status.Shards, shard => Assert.Equal("8.0", shard.Version));

        var page = Path.Combine(bed.Folder, "upgrade.html");
        (await service.OperateAsync("report", service.File, "--html", page)).Succeeded();
        var text = await File.ReadAllTextAsync(page);
        Assert.Contains("shard a", text, StringComparison.Ordinal);
        Assert.Equal(2, text.Split("<h2>The closed window").Length - 1);
        await service.GoesOnAsync();
        await service.AssertFlawlessAsync(green: true);
    }

    [ServerTheory("redis-7.0", "redis-8.0")]
    [InlineData("a", StepName.Switch, FaultMoment.AfterRecord)]
    public Task Who_leads_dies_and_the_keeper_leads_on(string shard, StepName step, FaultMoment moment) => KillAsync(shard, step, moment, keepers: true);

    [ServerTheory("redis-7.0", "redis-8.0", Full = true)]
    [InlineData("b", StepName.Preflight, FaultMoment.BeforeAct)]
    [InlineData("b", StepName.Replicate, FaultMoment.AfterAct)]
    [InlineData("b", StepName.Drain, FaultMoment.BeforeAct)]
    [InlineData("b", StepName.Open, FaultMoment.AfterAct)]
    [InlineData("a", StepName.Fence, FaultMoment.AfterAct)]
    [InlineData("c", StepName.Switch, FaultMoment.AfterRecord)]
    public Task Who_leads_dies_elsewhere_and_the_keeper_leads_on(string shard, StepName step, FaultMoment moment) => KillAsync(shard, step, moment, keepers: true);

    [ServerTheory("redis-7.0", "redis-8.0", Full = true)]
    [InlineData("b", StepName.Preflight, FaultMoment.BeforeAct)]
    [InlineData("b", StepName.Drain, FaultMoment.BeforeAct)]
    [InlineData("b", StepName.Commit, FaultMoment.AfterAct)]
    public Task Who_leads_dies_with_the_keepers_and_a_second_process_leads_on(string shard, StepName step, FaultMoment moment) => KillAsync(shard, step, moment, keepers: false);

    [ServerFact("redis-7.0", "redis-8.0", Full = true)]
    public async Task A_pause_is_heard_between_two_shards_and_resume_goes_on()
    {
        await using var bed = new TestBed(output);
        var service = await ShardedService.StartAsync(bed, "a", "b", "c");
        var operation = Start(service, ("a", StepName.Rehearse, FaultMoment.BeforeAct), "Wait");
        await operation.WaitForFaultAsync("Wait", ShardedService.Patience);
        var stopping = OperatorProcess.Start(service, null, "stop", service.File);
        await TestBed.WaitUntilAsync(() => Task.FromResult(Directory.EnumerateFiles(Path.Combine(service.StateFolder, "upgrades"), "stop-requested", SearchOption.AllDirectories).Any()), "the wish is there", ShardedService.Patience);
        operation.LetGo();

        (await stopping.WaitAsync(ShardedService.Patience)).Succeeded();
        var stopped = await operation.WaitAsync(ShardedService.Patience);
        Assert.Equal("Cancelled", stopped.ErrorId);
        Assert.Contains("b, c not begun", stopped.Output, StringComparison.Ordinal);
        Assert.Equal([Retired, Untouched, Untouched], await service.StatesAsync());
        var refused = await service.OperateAsync("undo", service.File, "--yes");
        Assert.Equal("BlueRetired", refused.ErrorId);
        await service.GoesOnAsync();

        (await service.OperateAsync("resume", service.File)).Succeeded();
        Assert.Equal(UpgradeStatus.Completed, (await service.StatusAsync()).Status);
        await service.GoesOnAsync();
        await service.AssertFlawlessAsync(green: true);
    }

    private async Task KillAsync(string shard, StepName step, FaultMoment moment, bool keepers)
    {
        await using var bed = new TestBed(output);
        var service = await ShardedService.StartAsync(bed, shard == "a" ? ["a", "b"] : ["a", "b", "c"]);
        var operation = Start(service, (shard, step, moment), "Kill", "--through", "switch");
        await operation.WaitForFaultAsync("Kill", ShardedService.Patience);
        output.WriteLine(operation.Process.Output);
        if (!keepers)
        {
            ProductProcess.Find(bed.Folder, "keeper").ToList().ForEach(keeper => Signals.Kill(keeper.Id));
            (await service.OperateAsync("resume", service.File)).Succeeded();
        }

        await TestBed.WaitUntilAsync(
            async () => (await service.StatusAsync()).Shards.All(one => one is { State: ClusterState.Switched, Live: ClusterColour.Green, Status: not UpgradeStatus.Running }),
            "every shard is switched",
            ShardedService.Patience);
        await service.GoesOnAsync();
        await service.AssertFlawlessAsync(green: true);
    }

    private static OperatorProcess Start(ShardedService service, (string Shard, StepName Step, FaultMoment Moment) at, string act, params string[] options) => OperatorProcess.Start(
        service,
        new FaultOrder { Shard = at.Shard, At = (at.Step, at.Moment), Do = act },
        ["upgrade", service.File, "--yes", "--skip-verification", "the fault is elsewhere", .. options]);
}
