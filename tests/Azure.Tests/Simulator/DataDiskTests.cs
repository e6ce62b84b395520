using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure;
using static StatefulDeploy.Harness.Azure.AzureStage;

namespace StatefulDeploy.Azure.Tests.Simulator;

/// <summary>Disks come to machines and leave them by the rules of the facts, and by no others.</summary>
public sealed class DataDiskTests : SimulatorTest
{
    [AzureFact]
    public async Task A_disk_goes_from_one_machine_to_another_by_patch_and_the_machine_says_so()
    {
        await TwoMachinesAsync("data");
        Assert.Equal(("Attached", "blue"), await DiskAsync("data"));

        var leaves = Azure.Entry("data", 0);
        leaves["toBeDetached"] = true;
        await Azure.DoAsync("PATCH", Machine("blue"), Disks(leaves));
        Assert.Equal(("Unattached", null), await DiskAsync("data"));
        Assert.Empty(await ListedAsync("blue"));

        await Azure.DoAsync("PATCH", Machine("green"), Disks(Azure.Entry("data", 3)));
        Assert.Equal(("Attached", "green"), await DiskAsync("data"));
        Assert.Equal("data", (await ListedAsync("green"))[3]);
    }

    [AzureFact]
    public async Task A_batch_of_disks_leaves_and_comes_by_the_action_which_answers_with_the_list()
    {
        await TwoMachinesAsync("a", "b");
        var detach = new JsonObject { ["dataDisksToDetach"] = new JsonArray(Named("a"), Named("b")) };
        var reply = await Azure.SendAsync("POST", Machine("blue") + "/attachDetachDataDisks", detach);
        Assert.Equal(202, reply.Status);
        await Azure.WaitAsync(reply);
        var result = await Azure.SendAsync("GET", reply.Header("Location")!);
        Assert.Equal(200, result.Status);
        Assert.Empty(result.Body!["dataDisks"]!.AsArray());

        var placed = Named("b");
        placed["lun"] = 5;
        await Azure.DoAsync("POST", Machine("green") + "/attachDetachDataDisks", new JsonObject { ["dataDisksToAttach"] = new JsonArray(placed, Named("a")) });
        Assert.Equal(new Dictionary<int, string> { [5] = "b", [0] = "a" }, await ListedAsync("green"));
    }

    [AzureFact]
    public async Task A_lun_holds_one_disk()
    {
        await TwoMachinesAsync("a");
        await Azure.MakeDiskAsync("b");
        await RefusedAsync("blue", 400, "InvalidParameter", Azure.Entry("a", 0), Azure.Entry("b", 0));
    }

    [AzureFact]
    public async Task A_machine_takes_as_many_disks_as_its_size_allows()
    {
        foreach (var disk in Enumerable.Range(0, 5))
        {
            await Azure.MakeDiskAsync(FormattableString.Invariant($"d{disk}"));
        }

        await Azure.MakeMachineAsync("small", null, "Standard_D2s_v5", "d0", "d1", "d2", "d3");
        await RefusedAsync("small", 409, "OperationNotAllowed", [.. Enumerable.Range(0, 5).Select(disk => Azure.Entry(FormattableString.Invariant($"d{disk}"), disk))]);
        Simulator.Monitor.MayStayFree("d4");
    }

    [AzureFact]
    public async Task A_disk_that_another_machine_has_is_refused()
    {
        await TwoMachinesAsync("data");
        await RefusedAsync("green", 409, "ConflictingUserInput", Azure.Entry("data", 0));
        Assert.Equal(("Attached", "blue"), await DiskAsync("data"));
    }

    [AzureFact]
    public async Task A_disk_of_another_zone_is_refused()
    {
        await Azure.MakeDiskAsync("data", "2");
        await Azure.MakeMachineAsync("blue", "1");
        await RefusedAsync("blue", 400, "BadRequest", Azure.Entry("data", 0));
    }

    [AzureFact]
    public async Task A_zonal_disk_is_refused_by_a_machine_of_an_availability_set()
    {
        await Azure.DoAsync("PUT", "Microsoft.Compute/availabilitySets/set", new JsonObject { ["location"] = Location, ["sku"] = new JsonObject { ["name"] = "Aligned" } });
        await Azure.MakeDiskAsync("data", "1");
        await Azure.MakeMachineAsync("other");
        await Azure.DoAsync("DELETE", Machine("other"));
        var body = Azure.MachineBody("other");
        body["properties"]!["availabilitySet"] = new JsonObject { ["id"] = Azure.Id("Microsoft.Compute/availabilitySets/set") };
        await Azure.DoAsync("PUT", Machine("other"), body);
        await RefusedAsync("other", 400, "BadRequest", Azure.Entry("data", 0));
    }

    [AzureFact]
    public async Task Ultra_and_premium_v2_disks_have_no_host_cache_and_ultra_needs_its_switch()
    {
        await Azure.MakeDiskAsync("v2", "1", "PremiumV2_LRS");
        await Azure.MakeDiskAsync("ultra", "1", "UltraSSD_LRS");
        await Azure.MakeMachineAsync("blue", "1");
        var cached = Azure.Entry("v2", 0);
        cached["caching"] = "ReadOnly";
        await RefusedAsync("blue", 400, "InvalidParameter", cached);
        await RefusedAsync("blue", 400, "InvalidParameter", Azure.Entry("ultra", 0));
        await Azure.DoAsync("PATCH", Machine("blue"), new JsonObject { ["properties"] = new JsonObject { ["additionalCapabilities"] = new JsonObject { ["ultraSSDEnabled"] = true } } });
        await Azure.DoAsync("PATCH", Machine("blue"), Disks(Azure.Entry("ultra", 0)));
        Assert.Equal(("Attached", "blue"), await DiskAsync("ultra"));
    }

    [AzureFact]
    public async Task A_disk_of_four_tebibytes_has_no_host_cache()
    {
        await Azure.MakeDiskAsync("big", null, "Premium_LRS", 4096);
        await Azure.MakeMachineAsync("blue");
        var cached = Azure.Entry("big", 0);
        cached["caching"] = "ReadOnly";
        await RefusedAsync("blue", 400, "InvalidParameter", cached);
    }

    [AzureFact]
    public async Task A_forced_detach_needs_to_be_a_detach()
    {
        await TwoMachinesAsync("data");
        var forced = Azure.Entry("data", 0);
        forced["detachOption"] = "ForceDetach";
        await RefusedAsync("blue", 400, "InvalidParameter", forced);
    }

    [AzureFact]
    public async Task A_disk_reads_reserved_while_its_machine_is_deallocated()
    {
        await TwoMachinesAsync("data");
        await Azure.DoAsync("POST", Machine("blue") + "/deallocate");
        Assert.Equal(("Reserved", "blue"), await DiskAsync("data"));
        var view = await Azure.SendAsync("GET", Machine("blue") + "/instanceView");
        Assert.Contains(view.Body!["statuses"]!.AsArray(), status => status!["code"]!.GetValue<string>() == "PowerState/deallocated");
        await Azure.DoAsync("POST", Machine("blue") + "/start");
        Assert.Equal(("Attached", "blue"), await DiskAsync("data"));
    }

    [AzureFact]
    public async Task A_disk_that_a_machine_has_is_not_deleted()
    {
        await TwoMachinesAsync("data");
        var reply = await Azure.SendAsync("DELETE", Disk("data"));
        Assert.Equal((409, "OperationNotAllowed"), (reply.Status, reply.ErrorCode));
    }

    [AzureFact]
    public async Task A_disk_grows_when_no_running_machine_has_it_and_never_shrinks()
    {
        await TwoMachinesAsync("data");
        Assert.Equal("OperationNotAllowed", (await Azure.SendAsync("PATCH", Disk("data"), Size(128))).ErrorCode);
        await Azure.DoAsync("POST", Machine("blue") + "/deallocate");
        await Azure.DoAsync("PATCH", Disk("data"), Size(128));
        Assert.Equal("InvalidParameter", (await Azure.SendAsync("PATCH", Disk("data"), Size(64))).ErrorCode);

        static JsonObject Size(int gigabytes) => new() { ["properties"] = new JsonObject { ["diskSizeGB"] = gigabytes } };
    }

    [AzureFact]
    public async Task A_put_without_a_disk_takes_it_away_and_a_put_of_a_deleted_machine_makes_it_again()
    {
        await TwoMachinesAsync("data");
        await Azure.DoAsync("PUT", Machine("blue"), Azure.MachineBody("blue"));
        Assert.Equal(("Unattached", null), await DiskAsync("data"));
        await Azure.DoAsync("DELETE", Machine("blue"));
        Assert.Null(await Azure.GetAsync(Machine("blue")));
        Assert.Equal(201, (await Azure.DoAsync("PUT", Machine("blue"), Azure.MachineBody("blue", null, "Standard_D4s_v5", "data"))).Status);
    }

    private async Task TwoMachinesAsync(params string[] disks)
    {
        foreach (var disk in disks)
        {
            await Azure.MakeDiskAsync(disk);
        }

        await Azure.MakeMachineAsync("blue", null, "Standard_D4s_v5", disks);
        await Azure.MakeMachineAsync("green");
    }

    private async Task RefusedAsync(string machine, int status, string code, params JsonObject[] disks)
    {
        var before = await ListedAsync(machine);
        var reply = await Azure.SendAsync("PATCH", Machine(machine), Disks(disks));
        Assert.Equal((status, code), (reply.Status, reply.ErrorCode));
        Assert.Equal(before, await ListedAsync(machine));
    }

    private JsonObject Named(string disk) => new() { ["diskId"] = Azure.Id(Disk(disk)) };
}
