using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Harness.Azure.Faults;
using static StatefulDeploy.Harness.Azure.AzureStage;

namespace StatefulDeploy.Azure.Tests.Simulator;

/// <summary>Every fault happens when it is injected, as often as it is to, and to nobody else.</summary>
public sealed class FaultTests : SimulatorTest
{
    [AzureFact]
    public async Task A_failed_attach_leaves_a_failed_machine_that_lists_a_disk_it_has_not_until_it_is_updated()
    {
        await StageAsync();
        Simulator.Faults.Inject(new Fault(FaultName.FailedAttach) { Resource = "free", Code = "InternalExecutionError", Times = 2 });
        var attach = await Azure.SendAsync("PATCH", Machine("blue"), Disks(Azure.Entry("data", 0), Azure.Entry("free", 1)));
        var end = await Azure.WaitAsync(attach);
        Assert.Equal((200, "InternalExecutionError"), (end.Status, end.ErrorCode));
        Assert.Equal("Failed", await StateAsync("blue"));
        Assert.Equal("free", (await ListedAsync("blue"))[1]);
        Assert.Equal(("Unattached", null), await DiskAsync("free"));

        // An update tries again: the second time it fails too, the third time it is there.
        Assert.NotNull((await Azure.WaitAsync(await Azure.SendAsync("PATCH", Machine("blue"), new JsonObject()))).ErrorCode);
        await Azure.DoAsync("PATCH", Machine("blue"), new JsonObject());
        Assert.Equal("Succeeded", await StateAsync("blue"));
        Assert.Equal(("Attached", "blue"), await DiskAsync("free"));
        Assert.Equal(2, Simulator.Faults.Count(FaultName.FailedAttach));
    }

    [AzureTheory]
    [InlineData(FaultName.Preempted, "OperationPreempted")]
    [InlineData(FaultName.FailedOperation, "DiskServiceInternalError")]
    public async Task An_operation_tells_its_failure_under_http_200(FaultName name, string code)
    {
        await StageAsync();
        Simulator.Faults.Inject(new Fault(name) { Resource = "blue", Code = "DiskServiceInternalError" });
        var leaves = Azure.Entry("data", 0);
        leaves["toBeDetached"] = true;
        var reply = await Azure.SendAsync("PATCH", Machine("blue"), Disks(leaves));
        Assert.Equal(200, reply.Status);
        var end = await Azure.WaitAsync(reply);
        Assert.Equal((200, code, "Failed"), (end.Status, end.ErrorCode, end.Body!["status"]!.GetValue<string>()));
        Assert.Equal(("Attached", "blue"), await DiskAsync("data"));
    }

    [AzureFact]
    public async Task A_storm_refuses_with_retry_after_as_often_as_it_is_to()
    {
        await StageAsync();
        Simulator.Faults.Inject(new Fault(FaultName.ThrottleStorm) { Method = "GET", Resource = "blue", Times = 3, RetryAfter = 7 });
        for (var time = 0; time < 3; time++)
        {
            var refused = await Azure.SendAsync("GET", Machine("blue"));
            Assert.Equal((429, "7"), (refused.Status, refused.Header("Retry-After")));
            Assert.Equal(200, (await Azure.SendAsync("GET", Machine("green"))).Status);
        }

        Assert.Equal(200, (await Azure.SendAsync("GET", Machine("blue"))).Status);
    }

    [AzureFact]
    public async Task A_server_error_changes_nothing()
    {
        await StageAsync();
        Simulator.Faults.Inject(new Fault(FaultName.ServerError) { Method = "DELETE", Status = 500 });
        Assert.Equal(500, (await Azure.SendAsync("DELETE", Disk("free"))).Status);
        Assert.NotNull(await Azure.GetAsync(Disk("free")));
    }

    [AzureFact]
    public async Task A_token_that_expired_is_refused_and_a_new_one_taken()
    {
        await StageAsync();
        Simulator.Faults.Inject(new Fault(FaultName.ExpiredToken) { Resource = "blue" });
        var refused = await Azure.SendAsync("GET", Machine("blue"));
        Assert.Equal((401, "ExpiredAuthenticationToken"), (refused.Status, refused.ErrorCode));
        Assert.Contains("invalid_token", refused.Header("WWW-Authenticate"), StringComparison.Ordinal);
        Assert.Equal(200, (await Azure.SendAsync("GET", Machine("blue"))).Status);
    }

    [AzureFact]
    public async Task An_answer_is_lost_after_its_request_was_taken()
    {
        await StageAsync();
        Simulator.Faults.Inject(new Fault(FaultName.LostAnswer) { Method = "PUT", Resource = "late" });
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => Azure.MakeDiskAsync("late"));
        await Simulator.IdleAsync();
        Assert.NotNull(await Azure.GetAsync(Disk("late")));
    }

    [AzureFact]
    public async Task A_colleague_comes_just_before()
    {
        await StageAsync();
        using var colleague = Simulator.Caller("service");
        Simulator.Faults.Inject(new Fault(FaultName.Colleague) { Method = "DELETE", Resource = "free", Act = () => colleague.DoAsync("PATCH", Machine("green"), Disks(Azure.Entry("free", 0))) });
        var late = await Azure.SendAsync("DELETE", Disk("free"));
        Assert.Equal((409, "OperationNotAllowed"), (late.Status, late.ErrorCode));
        Assert.Equal(("Attached", "green"), await DiskAsync("free"));
    }

    [AzureFact]
    public async Task Late_answers_and_slow_operations_come_in_the_end()
    {
        await StageAsync();
        Simulator.Faults.Inject(new Fault(FaultName.LateAnswer) { Resource = "blue", For = TimeSpan.FromMilliseconds(30) });
        Assert.Equal(200, (await Azure.SendAsync("GET", Machine("blue"))).Status);
        var slow = Simulator.Faults.Inject(new Fault(FaultName.SlowOperation) { Resource = "free", For = TimeSpan.FromMinutes(10) });
        var change = await Azure.SendAsync("PATCH", Disk("free"), new JsonObject { ["tags"] = new JsonObject { ["a"] = "b" } });
        Assert.Equal("InProgress", (await Azure.SendAsync("GET", change.Header("Azure-AsyncOperation")!)).Body!["status"]!.GetValue<string>());
        Assert.Equal("Conflict", (await Azure.SendAsync("DELETE", Disk("free"))).ErrorCode);
        Simulator.Faults.Lift(slow);
        Assert.Null((await Azure.WaitAsync(change)).ErrorCode);
    }

    [AzureFact]
    public async Task There_is_no_room_for_a_machine()
    {
        await StageAsync();
        await Azure.DoAsync("DELETE", Machine("green"));
        Simulator.Faults.Inject(new Fault(FaultName.NoCapacity) { Resource = "green" });
        var reply = await Azure.SendAsync("PUT", Machine("green"), Azure.MachineBody("green"));
        Assert.Equal(201, reply.Status);
        Assert.Equal("AllocationFailed", (await Azure.WaitAsync(reply)).ErrorCode);
        Assert.Equal("Failed", await StateAsync("green"));
    }

    [AzureFact]
    public async Task Every_fault_has_a_test()
    {
        // Superseded is with the balancers, and the detachments that do not end with who comes second.
        var here = await File.ReadAllTextAsync(Source("FaultTests.cs")) + await File.ReadAllTextAsync(Source("NetworkTests.cs")) + await File.ReadAllTextAsync(Source("ConcurrencyTests.cs"));
        Assert.DoesNotContain(Enum.GetNames<FaultName>(), name => !here.Contains($"FaultName.{name}", StringComparison.Ordinal));

        static string Source(string name, [System.Runtime.CompilerServices.CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, name);
    }

    private async Task StageAsync()
    {
        await Azure.MakeDiskAsync("data");
        await Azure.MakeDiskAsync("free");
        await Azure.MakeMachineAsync("blue", null, "Standard_D4s_v5", "data");
        await Azure.MakeMachineAsync("green");
    }

    private async Task<string> StateAsync(string machine) => (await Azure.GetAsync(Machine(machine)))!["properties"]!["provisioningState"]!.GetValue<string>();
}
