using System.Text.Json.Nodes;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Harness.Azure.Hardware;
using StatefulDeploy.Harness.Disks;
using StatefulDeploy.Harness.Fleet;
using Xunit.Abstractions;
using static StatefulDeploy.Harness.Azure.AzureStage;

namespace StatefulDeploy.Azure.Tests.Simulator;

/// <summary>Machines and disks behind the API are real: data goes with its disk, and is gone with it.</summary>
public sealed class FleetHardwareTests(ITestOutputHelper output)
{
    private const string Lun = "/dev/disk/azure/scsi1/lun";

    [AzureFact("fleet", "volumes")]
    public async Task Data_goes_with_its_disk_and_is_gone_with_it()
    {
        await using var bed = new TestBed(output);
        var fleet = await bed.StartFleetAsync("blue", "green");
        var disk = bed.Own(await LoopDisk.MakeAsync(Path.Combine(bed.Folder, "data.img"), "ext4", 64));
        var hardware = bed.Own(new FleetHardware(bed.NewFolder("copies")));
        await using var simulator = await AzureSimulator.StartAsync(new AzureOptions { Hardware = hardware });
        await hardware.BindAsync("blue", fleet["blue"]);
        await hardware.BindAsync("green", fleet["green"]);
        hardware.Bind("data", disk);
        using var azure = simulator.Caller("service");
        await azure.MakeGroupAsync();
        await azure.MakeDiskAsync("data");
        await azure.MakeMachineAsync("blue", null, "Standard_D4s_v5", "data");
        await azure.MakeMachineAsync("green");
        var address = await azure.GetAsync("Microsoft.Network/networkInterfaces/blue-nic");
        Assert.Equal(fleet["blue"].Address, address!["properties"]!["ipConfigurations"]![0]!["properties"]!["privateIPAddress"]!.GetValue<string>());

        await fleet["blue"].RunAsync("sh", "-c", $"mkdir -p /srv/data && mount {Lun}0 /srv/data && echo kept > /srv/data/file && umount /srv/data");
        Assert.NotEqual(0, (await fleet["green"].TryRunAsync("test", "-e", Lun + "2")).ExitCode);

        await MoveAsync(azure, "blue", "dataDisksToDetach", "data", null);
        Assert.NotEqual(0, (await fleet["blue"].TryRunAsync("test", "-e", Lun + "0")).ExitCode);
        await MoveAsync(azure, "green", "dataDisksToAttach", "data", 2);
        Assert.Equal("kept", (await fleet["green"].RunAsync("sh", "-c", $"mkdir -p /srv/data && mount {Lun}2 /srv/data && cat /srv/data/file")).Trim());

        await SnapshotAndDeleteAsync(azure, fleet, hardware);
        simulator.Verify();
        Assert.Equal(["data"], hardware.Torn);
    }

    [AzureFact("fleet", "volumes")]
    public async Task A_deallocated_machine_is_off_and_has_its_disk_again_when_it_is_started()
    {
        await using var bed = new TestBed(output);
        var fleet = await bed.StartFleetAsync("blue");
        var disk = bed.Own(await LoopDisk.MakeAsync(Path.Combine(bed.Folder, "data.img"), "ext4", 64));
        var hardware = bed.Own(new FleetHardware(bed.NewFolder("copies")));
        await using var simulator = await AzureSimulator.StartAsync(new AzureOptions { Hardware = hardware });
        await hardware.BindAsync("blue", fleet["blue"]);
        hardware.Bind("data", disk);
        using var azure = simulator.Caller("service");
        await azure.MakeGroupAsync();
        await azure.MakeDiskAsync("data");
        await azure.MakeMachineAsync("blue", null, "Standard_D4s_v5", "data");

        await azure.DoAsync("POST", Machine("blue") + "/deallocate");
        Assert.NotEqual(0, (await fleet["blue"].TryRunAsync("true")).ExitCode);
        await azure.DoAsync("POST", Machine("blue") + "/start");
        await fleet["blue"].RunAsync("blkid", Lun + "0");
        simulator.Verify();
    }

    // The disk is torn out of green, mounted as it is, after a snapshot; a disk of that snapshot has the data when the disk itself is gone.
    private static async Task SnapshotAndDeleteAsync(AzureCaller azure, TestFleet fleet, FleetHardware hardware)
    {
        await fleet["green"].RunAsync("sync", "--file-system", "/srv/data");
        await azure.DoAsync("PUT", "Microsoft.Compute/snapshots/before", Copy(azure.Id(Disk("data")), incremental: true));
        await MoveAsync(azure, "green", "dataDisksToDetach", "data", null);
        var image = hardware.Image("data")!;
        await azure.DoAsync("DELETE", Disk("data"));
        Assert.False(File.Exists(image));

        await azure.DoAsync("PUT", Disk("restored"), Copy(azure.Id("Microsoft.Compute/snapshots/before"), incremental: false));
        await MoveAsync(azure, "green", "dataDisksToAttach", "restored", 7);
        Assert.Equal("kept", (await fleet["green"].RunAsync("sh", "-c", $"mkdir -p /srv/restored && mount {Lun}7 /srv/restored && cat /srv/restored/file && umount /srv/restored")).Trim());
    }

    private static JsonObject Copy(string source, bool incremental)
    {
        var body = new JsonObject { ["location"] = Location, ["properties"] = new JsonObject { ["creationData"] = new JsonObject { ["createOption"] = "Copy", ["sourceResourceId"] = source } } };
        if (incremental)
        {
            body["properties"]!["incremental"] = true;
        }

        return body;
    }

    private static async Task MoveAsync(AzureCaller azure, string machine, string list, string disk, int? lun)
    {
        var named = new JsonObject { ["diskId"] = azure.Id(Disk(disk)) };
        if (lun is not null)
        {
            named["lun"] = lun;
        }

        await azure.DoAsync("POST", Machine(machine) + "/attachDetachDataDisks", new JsonObject { [list] = new JsonArray(named) });
    }
}
