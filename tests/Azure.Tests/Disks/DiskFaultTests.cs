using System.Text.Json.Nodes;
using StatefulDeploy.Azure.Tests.Stage;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Harness.Azure.Faults;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Tests.Disks;

/// <summary>What goes wrong at Azure while a disk moves: it is mended, or told, and nothing of anybody is lost.</summary>
public sealed class DiskFaultTests : ServiceTest
{
    public static TheoryData<FaultName, string?, string?> Passing => new()
    {
        { FaultName.Preempted, "blue", null },
        { FaultName.Preempted, "green", null },
        { FaultName.FailedOperation, "blue", null },
        { FaultName.FailedAttach, "data", null },
        { FaultName.ThrottleStorm, null, null },
        { FaultName.ServerError, null, "GET" },
        { FaultName.ServerError, null, "POST" },
        { FaultName.ExpiredToken, null, null },
        { FaultName.ExpiredToken, null, "POST" },
        { FaultName.LostAnswer, null, "GET" },
        { FaultName.LostAnswer, null, "POST" },
        { FaultName.SlowOperation, "blue", null },
    };

    [AzureTheory]
    [MemberData(nameof(Passing))]
    public async Task A_disk_moves_all_the_same(FaultName name, string? resource, string? method)
    {
        await StageAsync();
        using var provider = Provider(Service(Volume("data")));
        Simulator.Faults.Inject(new Fault(name) { Resource = resource, Method = method, RetryAfter = 0 });

        await MoveAsync(provider);

        Assert.Equal(1, Simulator.Faults.Count(name));
        Assert.Equal(("Attached", "green"), await DiskAsync("data"));
        Assert.Equal(new Dictionary<int, string> { [0] = "data" }, await ListedAsync("green"));
        Assert.Empty(await ListedAsync("blue"));
    }

    [AzureFact]
    public async Task A_storm_of_refusals_is_waited_out_and_told()
    {
        await StageAsync();
        Simulator.Faults.Inject(new Fault(FaultName.ThrottleStorm) { Times = 12, RetryAfter = 0 });
        using (var provider = Provider(Service(Volume("data"))))
        {
            await MoveAsync(provider);
        }

        Assert.Contains(Told, message => message.Contains("12 throttled", StringComparison.Ordinal));
    }

    [AzureFact]
    public async Task A_detachment_that_hangs_is_told_and_another_process_waits_for_the_same_one()
    {
        await StageAsync();
        var hang = Simulator.Faults.Inject(new Fault(FaultName.HungDetach) { Resource = "data" });
        var service = Impatient(Service(Volume("data")));
        using (var first = Provider(service))
        {
            var error = await Assert.ThrowsAsync<UpgradeException>(() => first.DetachAsync(Volume("data"), Host("blue"), default));
            Assert.Equal("AzureDetachPending", error.ErrorId);
            Assert.Equal(FailureCategory.Timeout, error.Category);
            Assert.Contains("-ForceDetach", error.RecommendedAction, StringComparison.Ordinal);
        }

        Simulator.Faults.Lift(hang);
        using var second = Provider(service with { Azure = service.Azure! with { DetachPatience = TimeSpan.FromMinutes(1) } });
        await MoveAsync(second);

        Assert.Equal(("Attached", "green"), await DiskAsync("data"));
        Assert.Equal(2, Changes().Count);
    }

    [AzureTheory]
    [InlineData("2024-03-01")]
    [InlineData("2023-07-01")]
    public async Task A_detachment_that_hangs_is_forced_only_with_consent_and_after_the_stated_wait(string version)
    {
        await StageAsync();
        Simulator.Faults.Inject(new Fault(FaultName.HungDetach) { Resource = "data" });
        var service = Impatient(Service(Volume("data")) with { Azure = Described(version) });
        using var provider = Provider(service, force: true);

        await MoveAsync(provider);

        Assert.Equal(("Attached", "green"), await DiskAsync("data"));
        Assert.Contains(Told, message => message.Contains("it is forced now", StringComparison.Ordinal));
    }

    [AzureTheory]
    [InlineData("2024-03-01", "POST")]
    [InlineData("2023-07-01", "PATCH")]
    public async Task A_colleague_who_attaches_a_disk_to_the_same_machine_meanwhile_loses_nothing(string version, string method)
    {
        await StageAsync();
        await Azure.MakeDiskAsync("theirs");
        using var colleague = Simulator.Caller("service");
        Simulator.Faults.Inject(new Fault(FaultName.Colleague) { Resource = "blue", Method = method, Act = AttachAsync });
        using var provider = Provider(Service(Volume("data")) with { Azure = Described(version) });

        await MoveAsync(provider);

        Assert.Equal(("Attached", "blue"), await DiskAsync("theirs"));
        Assert.Equal(("Attached", "green"), await DiskAsync("data"));

        Task AttachAsync() => colleague.DoAsync(
            "POST", AzureStage.Machine("blue") + "/attachDetachDataDisks", new JsonObject { ["dataDisksToAttach"] = new JsonArray(new JsonObject { ["diskId"] = colleague.Id(AzureStage.Disk("theirs")) }) });
    }

    [AzureFact]
    public async Task Whoever_waits_can_be_stopped_and_the_next_one_goes_on()
    {
        await StageAsync();
        var hang = Simulator.Faults.Inject(new Fault(FaultName.HungDetach) { Resource = "data" });
        using var provider = Provider(Service(Volume("data")));
        using var stop = new CancellationTokenSource();
        var detaching = provider.DetachAsync(Volume("data"), Host("blue"), stop.Token);
        while (Simulator.Faults.Count(FaultName.HungDetach) == 0)
            await Task.Delay(5);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => detaching);

        Simulator.Faults.Lift(hang);
        await MoveAsync(provider);
        Assert.Equal(2, Changes().Count);
    }

    private static ServiceDescription Impatient(ServiceDescription service) => service with { Azure = service.Azure! with { DetachPatience = TimeSpan.FromMilliseconds(300) } };

    private async Task StageAsync()
    {
        await Azure.MakeDiskAsync("data");
        await Azure.MakeMachineAsync("blue", disks: "data");
        await Azure.MakeMachineAsync("green");
    }

    private async Task MoveAsync(IVolumeProvider provider)
    {
        await provider.DetachAsync(Volume("data"), Host("blue"), default);
        await provider.AttachAsync(Volume("data"), Host("green"), default);
    }
}
