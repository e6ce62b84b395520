using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Harness.Azure.Faults;
using static StatefulDeploy.Harness.Azure.AzureStage;

namespace StatefulDeploy.Azure.Tests.Simulator;

/// <summary>The monitor finds what must never happen, and only that.</summary>
public sealed class MonitorTests : SimulatorTest
{
    protected override AzureOptions Options => new() { Delays = new AzureDelays { Hydration = TimeSpan.FromHours(1) }, Time = Clock };

    private ManualClock Clock { get; } = new();

    [AzureFact]
    public async Task The_only_copy_of_data_is_deleted()
    {
        await FreeDiskAsync();
        await Azure.DoAsync("DELETE", Disk("data"));
        Assert.Contains("no copy of its data", Assert.Single(Simulator.Monitor.Take()), StringComparison.Ordinal);
    }

    [AzureFact]
    public async Task A_disk_with_a_snapshot_may_go_when_the_snapshot_is_filled()
    {
        await FreeDiskAsync();
        await SnapshotAsync("before", "data");
        Clock.Advance(TimeSpan.FromHours(1));
        var snapshot = await Azure.GetAsync("Microsoft.Compute/snapshots/before");
        Assert.Equal(100, snapshot!["properties"]!["completionPercent"]!.GetValue<double>());
        await Azure.DoAsync("DELETE", Disk("data"));
        Assert.Empty(Simulator.Monitor.Take());

        await Azure.DoAsync("DELETE", "Microsoft.Compute/snapshots/before");
        Assert.Contains("its disk is gone too", Assert.Single(Simulator.Monitor.Take()), StringComparison.Ordinal);
    }

    [AzureFact]
    public async Task A_snapshot_that_is_being_filled_is_no_copy_yet_and_nothing_is_made_of_it()
    {
        await FreeDiskAsync();
        await SnapshotAsync("before", "data");
        Clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(50, (await Azure.GetAsync("Microsoft.Compute/snapshots/before"))!["properties"]!["completionPercent"]!.GetValue<double>());
        var early = await Azure.SendAsync("PUT", Disk("copy"), Copy("Microsoft.Compute/snapshots/before"));
        Assert.Equal("OperationNotAllowed", early.ErrorCode);
        await Azure.DoAsync("DELETE", Disk("data"));
        Assert.Contains("no copy of its data", Assert.Single(Simulator.Monitor.Take()), StringComparison.Ordinal);
    }

    [AzureFact]
    public async Task A_disk_is_left_with_no_machine()
    {
        await FreeDiskAsync();
        Assert.Contains("left with no machine", Assert.Single(Simulator.Monitor.Check()), StringComparison.Ordinal);
        Simulator.Monitor.MayStayFree("data");
        Assert.Empty(Simulator.Monitor.Check());
    }

    [AzureFact]
    public async Task A_disk_is_deleted_in_the_middle_of_an_operation()
    {
        await Azure.MakeDiskAsync("data");
        await Azure.MakeMachineAsync("blue");
        var slow = Simulator.Faults.Inject(new Fault(FaultName.SlowOperation) { Resource = "blue", For = TimeSpan.FromHours(1) });
        var attach = await Azure.SendAsync("PATCH", Machine("blue"), Disks(Azure.Entry("data", 0)));
        Assert.Equal(("Unattached", null), await DiskAsync("data"));
        await Azure.DoAsync("DELETE", Disk("data"));
        Assert.Contains("deleted while blue has an operation 'attach' on it", Assert.Single(Simulator.Monitor.Take()), StringComparison.Ordinal);
        Simulator.Faults.Lift(slow);
        Assert.Equal("NotFound", (await Azure.WaitAsync(attach)).ErrorCode);
    }

    [AzureFact]
    public async Task A_disk_is_left_out_of_a_patch()
    {
        await Azure.MakeDiskAsync("data");
        await Azure.MakeDiskAsync("more");
        await Azure.MakeMachineAsync("blue", null, "Standard_D4s_v5", "data");
        await Azure.DoAsync("PATCH", Machine("blue"), Disks(Azure.Entry("more", 1)));
        Simulator.Monitor.MayStayFree("data");
        Assert.Contains("leaves the disk data out", Assert.Single(Simulator.Monitor.Take()), StringComparison.Ordinal);
    }

    [AzureFact]
    public async Task A_machine_that_deletes_its_data_disk_with_itself_is_found()
    {
        await Azure.MakeDiskAsync("data");
        await Azure.MakeMachineAsync("blue", null, "Standard_D4s_v5", "data");
        var doomed = Azure.Entry("data", 0);
        doomed["deleteOption"] = "Delete";
        await Azure.DoAsync("PATCH", Machine("blue"), Disks(doomed));
        await Azure.DoAsync("DELETE", Machine("blue"));
        Assert.Null(await Azure.GetAsync(Disk("data")));
        Assert.Contains("no copy of its data", Assert.Single(Simulator.Monitor.Take()), StringComparison.Ordinal);
    }

    [AzureFact]
    public async Task Seven_incremental_snapshots_of_a_disk_fit_into_five_minutes()
    {
        await FreeDiskAsync();
        foreach (var number in Enumerable.Range(0, 7))
        {
            await SnapshotAsync(FormattableString.Invariant($"s{number}"), "data");
        }

        Assert.Equal("OperationNotAllowed", (await Azure.SendAsync("PUT", "Microsoft.Compute/snapshots/s7", Copy(Disk("data"), incremental: true))).ErrorCode);
        Clock.Advance(TimeSpan.FromMinutes(5));
        await SnapshotAsync("s7", "data");
        Simulator.Monitor.MayStayFree("data");
    }

    private async Task FreeDiskAsync()
    {
        await Azure.MakeDiskAsync("data");
        await Azure.MakeMachineAsync("blue", null, "Standard_D4s_v5", "data");
        await Azure.DoAsync("PUT", Machine("blue"), Azure.MachineBody("blue"));
    }

    private Task SnapshotAsync(string name, string disk) => Azure.DoAsync("PUT", $"Microsoft.Compute/snapshots/{name}", Copy(Disk(disk), incremental: true));

    private JsonObject Copy(string source, bool incremental = false)
    {
        var body = new JsonObject { ["location"] = Location, ["properties"] = new JsonObject { ["creationData"] = new JsonObject { ["createOption"] = "Copy", ["sourceResourceId"] = Azure.Id(source) } } };
        if (incremental)
        {
            body["properties"]!["incremental"] = true;
        }

        return body;
    }
}
