using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Upgrade.Tests.Stage;
using StatefulDeploy.Workflow;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>
/// The checker is checked: an upgrade that leaves out one of the things that keep every acknowledged write loses some, and the same
/// test that finds nothing otherwise says so. Green lags for as long as the test holds its line to blue, so it is no matter of luck.
/// </summary>
public sealed class CheckerTests(ITestOutputHelper output)
{
    private const int Writes = 20;
    private static readonly ServiceShape Lagging = new() { BehindLink = true, WindowDeadline = TimeSpan.FromSeconds(30), HoldLimit = TimeSpan.FromSeconds(40) };

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task Without_the_fence_a_loss_is_found() =>
        Assert.InRange(await SwitchAsync("fence", (StepName.Open, FaultMoment.AfterAct), AcknowledgeAsync), Writes, int.MaxValue);

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task With_the_position_read_before_the_fence_a_loss_is_found() =>
        Assert.InRange(await SwitchAsync("position-after-fence", (StepName.Position, FaultMoment.AfterAct), LagAsync), Writes, int.MaxValue);

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task With_what_was_sent_taken_for_applied_a_loss_is_found() =>
        Assert.InRange(await SwitchAsync("drain", (StepName.Fence, FaultMoment.BeforeAct), LagAsync), Writes, int.MaxValue);

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task With_nothing_left_out_the_same_switch_waits_for_green_and_loses_nothing() =>
        Assert.Equal(0, await SwitchAsync(leftOut: null, (StepName.Fence, FaultMoment.BeforeAct), LagAsync, LetGoInDrainAsync));

    private static Task AcknowledgeAsync(RedisFaultScene scene) => scene.PastWritesFlowAsync(Writes, FaultScene.Patience);

    /// <summary>Green has all that was acknowledged before, and nothing of what is acknowledged from now on.</summary>
    private static async Task LagAsync(RedisFaultScene scene)
    {
        await scene.GreenFollowsAsync(FaultScene.Patience);
        scene.Service.Link!.Hold();
        await scene.PastWritesFlowAsync(Writes, FaultScene.Patience);
        await TestBed.WaitUntilAsync(() => Task.FromResult(scene.Service.Link.Held > 0), "blue has sent what green does not have", FaultScene.Patience);
    }

    private static async Task LetGoInDrainAsync(RedisFaultScene scene)
    {
        await TestBed.WaitUntilAsync(() => Task.FromResult(scene.HasBegun(StepName.Drain)), "the drain has begun", FaultScene.Patience);
        scene.Service.Link!.LetGo();
    }

    /// <summary>Switches a service while clients go past its router, and does something to it at one moment.</summary>
    /// <returns>Acknowledged writes that are not on green.</returns>
    private async Task<int> SwitchAsync(string? leftOut, (StepName, FaultMoment) at, Func<RedisFaultScene, Task> strike, Func<RedisFaultScene, Task>? afterwards = null)
    {
        await using var bed = new TestBed(output);
        var scene = await RedisFaultScene.StartAsync(bed, new FaultCase { Fault = "left out", Step = StepName.Fence, Moment = FaultMoment.BeforeAct, Shape = Lagging });
        var order = new FaultOrder { At = at, Skip = leftOut is null ? [] : [leftOut] };
        var process = OperatorProcess.Start(scene.Service, order, "upgrade", scene.Service.File, "--yes", "--through", "switch", "--skip-verification", "the loss is elsewhere");
        await process.WaitForFaultAsync("Wait", FaultScene.Patience);
        await strike(scene);
        process.LetGo();
        await (afterwards?.Invoke(scene) ?? Task.CompletedTask);
        (await process.WaitAsync(FaultScene.Patience)).Succeeded();

        await scene.WritesFlowAsync(FaultScene.Patience);
        var past = await scene.EndPastWritesAsync();
        await scene.Ledger.StopAsync();
        var verdict = await scene.Ledger.VerifyAsync(scene.At("green"));
        var missing = await scene.CountMissingAsync(past, "green");
        output.WriteLine($"{leftOut ?? "nothing"} left out: {missing} of {past.Count} past the router and {verdict.Lost} through it lost");
        return missing + (int)verdict.Lost;
    }
}
