using System.Text.Json.Nodes;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Harness.Azure.Faults;
using static StatefulDeploy.Harness.Azure.AzureStage;

namespace StatefulDeploy.Azure.Tests.Simulator;

/// <summary>Two who change one machine or disk at once: refused, preempted, or lost, as with the real one. A hang holds an operation for as long as the test wants.</summary>
public sealed class ConcurrencyTests : SimulatorTest
{
    [AzureFact]
    public async Task A_second_change_of_a_machine_is_refused_while_one_is_under_way()
    {
        var (hang, detach) = await HangAsync();
        await Azure.MakeDiskAsync("more");
        var second = await Azure.SendAsync("POST", Machine("blue") + "/attachDetachDataDisks", Move("dataDisksToAttach", "more"));
        Assert.Equal((409, "ConflictingConcurrentWriteNotAllowed"), (second.Status, second.ErrorCode));
        await EndAsync(hang, detach);
    }

    [AzureFact]
    public async Task A_disk_that_is_being_detached_is_attached_nowhere()
    {
        var (hang, detach) = await HangAsync();
        var other = await Azure.SendAsync("POST", Machine("green") + "/attachDetachDataDisks", Move("dataDisksToAttach", "data"));
        Assert.Equal((409, "AttachDiskWhileBeingDetached"), (other.Status, other.ErrorCode));
        await EndAsync(hang, detach);
    }

    [AzureFact]
    public async Task A_disk_whose_detachment_lingers_reads_free_and_is_attached_when_that_has_ended()
    {
        var (linger, detach) = await HangAsync(FaultName.LingeringDetach);
        await TestBed.WaitUntilAsync(async () => await DiskAsync("data") == ("Unattached", null), "the disk reads free", TimeSpan.FromSeconds(30));
        var early = await Azure.SendAsync("POST", Machine("green") + "/attachDetachDataDisks", Move("dataDisksToAttach", "data"));
        Assert.Equal((409, "AttachDiskWhileBeingDetached"), (early.Status, early.ErrorCode));
        await EndAsync(linger, detach);
        await Azure.DoAsync("POST", Machine("green") + "/attachDetachDataDisks", Move("dataDisksToAttach", "data"));
        Assert.Equal(("Attached", "green"), await DiskAsync("data"));
    }

    [AzureFact]
    public async Task A_forced_detach_ends_one_that_hangs_which_tells_its_preemption_under_http_200()
    {
        var (_, detach) = await HangAsync();
        var forced = Move("dataDisksToDetach", "data");
        forced["dataDisksToDetach"]![0]!["detachOption"] = "ForceDetach";
        await Azure.DoAsync("POST", Machine("blue") + "/attachDetachDataDisks", forced);
        Assert.Equal(("Unattached", null), await DiskAsync("data"));
        var end = await Azure.WaitAsync(detach);
        Assert.Equal((200, "OperationPreempted"), (end.Status, end.ErrorCode));
        Assert.Empty(await ListedAsync("blue"));
        Simulator.Monitor.MayStayFree("data");
    }

    [AzureFact]
    public async Task Taking_a_machines_power_preempts_what_is_under_way()
    {
        var (_, detach) = await HangAsync();
        await Azure.DoAsync("POST", Machine("blue") + "/deallocate");
        Assert.Equal("OperationPreempted", (await Azure.WaitAsync(detach)).ErrorCode);
        Assert.Equal(("Reserved", "blue"), await DiskAsync("data"));
    }

    [AzureFact]
    public async Task A_change_of_what_somebody_else_changed_meanwhile_is_refused_by_if_match()
    {
        await Azure.MakeMachineAsync("blue");
        var before = (await Azure.GetAsync(Machine("blue")))!["etag"]!.GetValue<string>();
        await Azure.DoAsync("PATCH", Machine("blue"), Tags("a colleague's"));
        var reply = await Azure.SendAsync("PATCH", Machine("blue"), Tags("ours"), ("If-Match", before));
        Assert.Equal((412, "PreconditionFailed"), (reply.Status, reply.ErrorCode));
        var now = (await Azure.GetAsync(Machine("blue")))!;
        Assert.Equal("a colleague's", now["tags"]!["owner"]!.GetValue<string>());
        var (status, _) = await AfterIdleAsync("PATCH", Tags("ours"), now["etag"]!.GetValue<string>());
        Assert.Equal(200, status);
    }

    [AzureFact]
    public async Task A_list_that_was_read_too_early_takes_a_colleagues_disk_away()
    {
        await Azure.MakeDiskAsync("ours");
        await Azure.MakeDiskAsync("theirs");
        await Azure.MakeMachineAsync("blue");
        await Azure.DoAsync("POST", Machine("blue") + "/attachDetachDataDisks", Move("dataDisksToAttach", "theirs"));
        await Azure.DoAsync("PUT", Machine("blue"), Azure.MachineBody("blue", null, "Standard_D4s_v5", "ours"));
        Assert.Equal(("Unattached", null), await DiskAsync("theirs"));
        Assert.Contains(Simulator.Monitor.Check(), finding => finding.Contains("theirs is left with no machine", StringComparison.Ordinal));
        Simulator.Monitor.MayStayFree("theirs");
    }

    private async Task<(int Status, string? Code)> AfterIdleAsync(string method, JsonObject body, string etag)
    {
        var reply = await Azure.SendAsync(method, Machine("blue"), body, ("If-Match", etag));
        await Azure.WaitAsync(reply);
        return (reply.Status, reply.ErrorCode);
    }

    private async Task<(Fault Hang, AzureReply Detach)> HangAsync(FaultName name = FaultName.HungDetach)
    {
        await Azure.MakeDiskAsync("data");
        await Azure.MakeMachineAsync("blue", null, "Standard_D4s_v5", "data");
        await Azure.MakeMachineAsync("green");
        var hang = Simulator.Faults.Inject(new Fault(name) { Resource = "data" });
        var detach = await Azure.SendAsync("POST", Machine("blue") + "/attachDetachDataDisks", Move("dataDisksToDetach", "data"));
        Assert.Equal(202, detach.Status);
        return (hang, detach);
    }

    private async Task EndAsync(Fault hang, AzureReply detach)
    {
        Simulator.Faults.Lift(hang);
        Assert.Null((await Azure.WaitAsync(detach)).ErrorCode);
        Assert.Equal(("Unattached", null), await DiskAsync("data"));
        Simulator.Monitor.MayStayFree("data");
    }

    private JsonObject Move(string list, string disk) => new() { [list] = new JsonArray(new JsonObject { ["diskId"] = Azure.Id(Disk(disk)) }) };

    private static JsonObject Tags(string owner) => new() { ["tags"] = new JsonObject { ["owner"] = owner } };
}
