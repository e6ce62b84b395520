using System.Text.Json.Nodes;
using StatefulDeploy.Azure.Tests.Stage;
using StatefulDeploy.Harness.Azure;

namespace StatefulDeploy.Azure.Tests.Disks;

/// <summary>Disks go from machine to machine as volumes do.</summary>
public sealed class DiskMoveTests : ServiceTest
{
    [AzureTheory]
    [InlineData("2024-03-01")]
    [InlineData("2023-07-01")]
    public async Task A_disk_keeps_its_number_and_its_caching_on_the_machine_that_it_goes_to(string version)
    {
        await StageAsync(blue: ["other", "data"], green: [], caching: "ReadOnly");
        var service = Service(Volume("data")) with { Azure = Described(version) };
        using var provider = Provider(service);

        Assert.True(await provider.IsAttachedAsync(Volume("data"), Host("blue"), default));
        await provider.RequireAttachableAsync(Volume("data"), Host("green"), default);
        await provider.DetachAsync(Volume("data"), Host("blue"), default);
        await provider.AttachAsync(Volume("data"), Host("green"), default);

        Assert.Equal(("Attached", "green"), await DiskAsync("data"));
        Assert.Equal(new Dictionary<int, string> { [1] = "data" }, await ListedAsync("green"));
        Assert.Equal(new Dictionary<int, string> { [0] = "other" }, await ListedAsync("blue"));
        var entry = (await Azure.GetAsync(AzureStage.Machine("green")))!["properties"]!["storageProfile"]!["dataDisks"]![0]!;
        Assert.Equal("ReadOnly", entry["caching"]!.GetValue<string>());
        Assert.Equal("Detach", entry["deleteOption"]!.GetValue<string>());
    }

    [AzureFact]
    public async Task What_is_done_already_is_not_asked_for_again()
    {
        await StageAsync(blue: ["data"], green: []);
        using var provider = Provider(Service(Volume("data")));
        await provider.AttachAsync(Volume("data"), Host("blue"), default);
        await provider.DetachAsync(Volume("data"), Host("green"), default);
        Assert.Empty(Changes());
    }

    [AzureFact]
    public async Task Disks_that_are_moved_at_the_same_time_go_in_one_request_a_machine()
    {
        string[] disks = ["a", "b", "c", "d"];
        await StageAsync(blue: disks, green: []);
        var volumes = disks.Select(disk => Volume(disk)).ToArray();
        using var provider = Provider(Service(volumes));

        await Task.WhenAll(volumes.Select(volume => provider.DetachAsync(volume, Host("blue"), default)));
        await Task.WhenAll(volumes.Select(volume => provider.AttachAsync(volume, Host("green"), default)));

        Assert.Equal(disks.Select((disk, lun) => KeyValuePair.Create(lun, disk)), (await ListedAsync("green")).OrderBy(pair => pair.Key));
        Assert.Equal(2, Changes().Count);
        Assert.All(Changes(), change => Assert.Equal("VirtualMachines_AttachDetachDataDisks", change));
    }

    [AzureFact]
    public async Task One_disk_that_cannot_be_attached_does_not_keep_the_others_from_it()
    {
        await StageAsync(blue: [], green: []);
        await Azure.MakeDiskAsync("good");
        await Azure.MakeDiskAsync("elsewhere", zone: "2");
        using var provider = Provider(Service(Volume("good"), Volume("elsewhere")));

        var good = provider.AttachAsync(Volume("good"), Host("green"), default);
        var bad = provider.AttachAsync(Volume("elsewhere"), Host("green"), default);
        await good;
        await Assert.ThrowsAsync<Contracts.UpgradeException>(() => bad);
        Assert.Equal(("Attached", "green"), await DiskAsync("good"));
    }

    [AzureFact]
    public async Task A_snapshot_is_taken_between_two_machines_where_that_is_asked_for()
    {
        await StageAsync(blue: ["data"], green: []);
        var service = Service(Volume("data"));
        using var provider = Provider(service with { Azure = service.Azure! with { SnapshotBeforeMove = true } });
        await provider.DetachAsync(Volume("data"), Host("blue"), default);
        await provider.AttachAsync(Volume("data"), Host("green"), default);

        var snapshot = Assert.Single((await Azure.GetAsync("Microsoft.Compute/snapshots"))!["value"]!.AsArray())!;
        Assert.True(snapshot["properties"]!["incremental"]!.GetValue<bool>());
        Assert.Equal("orders", snapshot["tags"]!["statefuldeploy-service"]!.GetValue<string>());
    }

    [AzureFact]
    public async Task The_requests_of_a_run_are_told()
    {
        await StageAsync(blue: ["data"], green: []);
        using (var provider = Provider(Service(Volume("data"))))
        {
            await provider.IsAttachedAsync(Volume("data"), Host("blue"), default);
            await provider.IsAttachedAsync(Volume("data"), Host("green"), default);
        }

        // One reading of the disk serves for all hosts.
        Assert.Contains(Told, message => message.StartsWith("1 request(s) to Azure, 0 of them changes; 0 throttled", StringComparison.Ordinal));
        Assert.Single(Simulator.Requests);
    }

    private async Task StageAsync(string[] blue, string[] green, string caching = "None")
    {
        foreach (var disk in blue.Concat(green))
            await Azure.MakeDiskAsync(disk);
        await Azure.MakeMachineAsync("blue");
        if (blue.Length > 0)
        {
            await Azure.DoAsync("PATCH", AzureStage.Machine("blue"), Disks([.. blue.Select((disk, lun) => Cached(Azure.Entry(disk, lun), caching))]));
        }

        await Azure.MakeMachineAsync("green", disks: green);
    }

    private static JsonObject Cached(JsonObject entry, string caching)
    {
        entry["caching"] = caching;
        return entry;
    }
}
