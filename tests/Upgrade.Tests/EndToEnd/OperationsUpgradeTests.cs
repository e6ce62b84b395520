using StatefulDeploy.Composition;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using StatefulDeploy.Upgrade.Tests.Stage;
using StatefulDeploy.Workflow;
using Xunit.Abstractions;

namespace StatefulDeploy.Upgrade.Tests.EndToEnd;

/// <summary>The operations behind commands and cmdlets, called in a process that lives on, stretch by stretch.</summary>
public sealed class OperationsUpgradeTests(ITestOutputHelper output)
{
    private static readonly UpgradeStretch[] Pipeline =
        [UpgradeStretch.NewGreen, UpgradeStretch.StartReplication, UpgradeStretch.WaitReplication, UpgradeStretch.Verify, UpgradeStretch.CloseWrites, UpgradeStretch.Switch];

    [Theory]
    [ServerData("redis-7.0", "redis-8.0")]
    [ServerData("garnet-2.2.2", "garnet-2.2.8")]
    public async Task A_pipeline_of_stretches_switches_and_undo_goes_back_and_nothing_fails(string from, string to)
    {
        await using var bed = new TestBed(output);
        var run = await UpgradeUnderLoad.StartAsync(bed, new ServiceShape { From = from, To = to });
        await using var operations = new UpgradeOperations(Platform.Create());
        var request = new UpgradeRequest { Path = run.Service.File, Consent = new UpgradeConsent { Switch = true } };
        foreach (var stretch in Pipeline)
        {
            var cluster = await operations.RunAsync(stretch, request, new TestReporter(output), default);
            Assert.Equal(stretch == UpgradeStretch.Switch ? ClusterColour.Green : ClusterColour.Blue, cluster.Live);
        }

        await run.GoesOnAsync();
        await run.Sample.AssertOnAsync(run.Service.GreenAddress);

        var back = await operations.UndoAsync(request, new TestReporter(output), default);
        Assert.Equal(ClusterColour.Blue, back.Live);
        await run.GoesOnAsync();
        await run.AssertFlawlessAsync(run.Service.Blue.EndPoint);
    }

    [ServerFact("redis-7.0", "redis-8.0")]
    public async Task Writes_are_closed_for_maintenance_and_opened_again_without_a_green()
    {
        await using var bed = new TestBed(output);
        var run = await UpgradeUnderLoad.StartAsync(bed, new ServiceShape());
        await using var operations = new UpgradeOperations(Platform.Create());
        var request = new UpgradeRequest { Path = run.Service.File, Consent = new UpgradeConsent { Switch = true } };

        var closed = await operations.RunAsync(UpgradeStretch.CloseWrites, request, new TestReporter(output), default);
        Assert.Equal(ClusterState.ReadOnly, closed.State);
        Assert.StartsWith("NOPERM", await run.Service.AskAsync(run.Service.Blue.EndPoint, "SET", "k", "v"), StringComparison.Ordinal);

        var open = await operations.OpenWritesAsync(request, new TestReporter(output), default);
        Assert.Equal(ClusterState.Serving, open.State);
        await run.GoesOnAsync();
        await run.AssertFlawlessAsync(run.Service.Blue.EndPoint);
    }

    [ServerTheory("redis-7.0", "redis-8.0")]
    [InlineData(UpgradeStretch.StartReplication)]
    [InlineData(UpgradeStretch.WaitReplication)]
    [InlineData(UpgradeStretch.Verify)]
    [InlineData(UpgradeStretch.Switch)]
    [InlineData(UpgradeStretch.SwitchBack)]
    [InlineData(UpgradeStretch.Retire)]
    public async Task A_stretch_before_its_time_is_refused(UpgradeStretch stretch)
    {
        await using var bed = new TestBed(output);
        var service = await LiveService.StartAsync(bed, new ServiceShape());
        await using var operations = new UpgradeOperations(Platform.Create());
        var refused = await Assert.ThrowsAsync<UpgradeException>(() => operations.RunAsync(stretch, new UpgradeRequest { Path = service.File }, new TestReporter(output), default));
        Assert.Equal(("WrongState", FailureCategory.WrongState), (refused.ErrorId, refused.Category));
        Assert.False(Directory.Exists(service.StateFolder));
    }
}
