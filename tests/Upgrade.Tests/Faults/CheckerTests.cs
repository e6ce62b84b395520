using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Upgrade.Tests.Stage;
using StatefulDeploy.Workflow;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>
/// The checker is checked: an upgrade that leaves out what keeps every acknowledged write loses some, and the same test that finds
/// nothing otherwise says so. A race decides how many are lost, so each mistake has a few tries.
/// </summary>
public sealed class CheckerTests(ITestOutputHelper output)
{
    private const int MostTries = 6;
    private const int Crowd = 6;
    private const int ValueSize = 8 << 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Still = TimeSpan.FromMilliseconds(90);
    private static readonly TimeSpan Moving = TimeSpan.FromMilliseconds(8);

    [ServerTheory("redis-7.0", "redis-8.0")]
    [InlineData("fence")]
    [InlineData("position-after-fence")]
    [InlineData("drain")]
    public async Task What_is_left_out_on_purpose_is_found_as_a_loss(string leftOut)
    {
        for (var attempt = 1; attempt <= MostTries; attempt++)
        {
            var lost = await SwitchAsync(leftOut);
            output.WriteLine($"try {attempt}: {lost} acknowledged writes lost");
            if (lost > 0)
            {
                return;
            }
        }

        Assert.Fail($"without {leftOut} nothing was lost in {MostTries} tries");
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task The_same_switch_with_nothing_left_out_loses_nothing() => Assert.Equal(0, await SwitchAsync(leftOut: null));

    /// <summary>Switches a service whose green applies what it receives only slowly, while a crowd goes past the router.</summary>
    /// <returns>Acknowledged writes that are not on green.</returns>
    private async Task<long> SwitchAsync(string? leftOut)
    {
        await using var bed = new TestBed(output);
        var scene = await FaultScene.StartAsync(bed, new FaultCase { Fault = "left out", Step = StepName.Fence, Moment = FaultMoment.BeforeAct, Shape = new ServiceShape { WindowDeadline = TimeSpan.FromSeconds(20) } });
        var order = new FaultOrder { At = (StepName.Fence, FaultMoment.BeforeAct), Skip = leftOut is null ? [] : [leftOut] };
        var process = OperatorProcess.Start(scene.Service, order, "upgrade", scene.Service.File, "--yes", "--through", "switch", "--skip-verification", "the loss is elsewhere");
        await process.WaitForFaultAsync("Wait", FaultScene.Patience);

        scene.CrowdPastRouter(Crowd, Pause, ValueSize);
        var slow = new SlowGreen(scene.Service.GreenPorts[0], Still, Moving);
        process.LetGo();
        (await process.WaitAsync(FaultScene.Patience)).Succeeded();
        await slow.DisposeAsync();

        await scene.WritesFlowAsync(FaultScene.Patience);
        var past = await scene.EndPastWritesAsync();
        await scene.Ledger.StopAsync();
        var verdict = await scene.Ledger.VerifyAsync(scene.Service.EndpointAt(scene.Service.GreenAddress));
        return verdict.Lost + await scene.CountMissingAsync(past, scene.Service.GreenAddress);
    }
}
