using System.Text.Json.Nodes;
using StatefulDeploy.Azure.Disks;
using StatefulDeploy.Azure.Tests.Stage;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness.Azure;

namespace StatefulDeploy.Azure.Tests.Disks;

/// <summary>Ultra, Premium SSD v2 and shared disks are what they are, and a copy of a disk comes in the background.</summary>
public sealed class DiskRuleTests : ServiceTest
{
    protected override AzureOptions Options => new() { Delays = new AzureDelays { Hydration = TimeSpan.FromSeconds(1) } };

    [AzureTheory]
    [InlineData("PremiumV2_LRS")]
    [InlineData("UltraSSD_LRS")]
    public async Task A_disk_that_no_host_caches_moves_without_caching(string kind)
    {
        await Azure.MakeDiskAsync("data", zone: "1", sku: kind);
        await MakeUltraAsync("blue", "data");
        await MakeUltraAsync("green");
        var service = Service(Volume("data"));
        using var provider = Provider(service);
        await provider.RequireAttachableAsync(Volume("data"), Host("green"), default);
        await provider.DetachAsync(Volume("data"), Host("blue"), default);
        await provider.AttachAsync(Volume("data"), Host("green"), default);
        Assert.Equal(("Attached", "green"), await DiskAsync("data"));
        Assert.Equal("None", await CachingAsync("green"));
    }

    [AzureTheory]
    [InlineData("PremiumV2_LRS", "Premium SSD v2")]
    [InlineData("UltraSSD_LRS", "Ultra disk")]
    public async Task Caching_of_a_disk_that_no_host_caches_is_refused(string kind, string why)
    {
        await Azure.MakeDiskAsync("data", zone: "1", sku: kind);
        await MakeUltraAsync("green");
        Simulator.Monitor.MayStayFree("data");
        var volume = Volume("data") with { Caching = "ReadWrite" };
        using var provider = Provider(Service(volume));
        var error = await Assert.ThrowsAsync<UpgradeException>(() => provider.RequireAttachableAsync(volume, Host("green"), default));
        Assert.Equal("CachingNotSupported", error.ErrorId);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Empty(Changes());
    }

    [AzureFact]
    public async Task A_shared_disk_can_be_on_two_machines_without_caching_and_is_warned_of()
    {
        await MakeSharedAsync("data", 2);
        await Azure.MakeMachineAsync("blue", disks: "data");
        await Azure.MakeMachineAsync("green");
        using var provider = Provider(Service(Volume("data")));
        Assert.Equal("DiskShared", Assert.Single(await provider.InspectAsync(Volume("data"), Host("green"), default)).Code);
        await provider.AttachAsync(Volume("data"), Host("green"), default);
        Assert.Equal("None", await CachingAsync("green"));
        Assert.True(await provider.IsAttachedAsync(Volume("data"), Host("blue"), default));
        Assert.True(await provider.IsAttachedAsync(Volume("data"), Host("green"), default));
        await provider.DetachAsync(Volume("data"), Host("blue"), default);
        Assert.Equal(("Attached", "green"), await DiskAsync("data"));
    }

    [AzureFact]
    public async Task A_shared_disk_that_has_all_its_machines_is_refused()
    {
        await MakeSharedAsync("data", 2);
        await Azure.MakeMachineAsync("one", disks: "data");
        await Azure.MakeMachineAsync("two", disks: "data");
        await Azure.MakeMachineAsync("green");
        using var provider = Provider(Service(Volume("data")));
        var error = await Assert.ThrowsAsync<UpgradeException>(() => provider.AttachAsync(Volume("data"), Host("green"), default));
        Assert.Equal("VolumeAttachedElsewhere", error.ErrorId);
        Assert.Contains("'one' and 'two'", error.Message, StringComparison.Ordinal);
        Assert.Empty(Changes());
    }

    [AzureFact]
    public async Task A_disk_in_a_zone_cannot_come_to_an_availability_set()
    {
        await Azure.DoAsync("PUT", "Microsoft.Compute/availabilitySets/together", JsonNode.Parse($$"""{"location":"{{AzureStage.Location}}","sku":{"name":"Aligned"},"properties":{"platformFaultDomainCount":2,"platformUpdateDomainCount":5} }"""));
        await Azure.MakeDiskAsync("data", zone: "1", sku: "PremiumV2_LRS");
        await MakeAsync("green", body => body["properties"]!["availabilitySet"] = new JsonObject { ["id"] = Azure.Id("Microsoft.Compute/availabilitySets/together") });
        Simulator.Monitor.MayStayFree("data");
        using var provider = Provider(Service(Volume("data")));
        var codes = (await provider.InspectAsync(Volume("data"), Host("green"), default)).Select(finding => finding.Code).ToList();
        Assert.Contains("ZoneMismatch", codes);
        Assert.Contains("PremiumV2InAvailabilitySet", codes);
    }

    [AzureFact]
    public async Task A_copy_has_zone_kind_and_tags_and_is_waited_for_until_its_content_has_come()
    {
        await Azure.MakeDiskAsync("data", zone: "2", sku: "PremiumV2_LRS");
        Simulator.Monitor.MayStayFree("data");
        Simulator.Monitor.MayStayFree("data-copy");
        await Azure.DoAsync("PATCH", AzureStage.Disk("data"), JsonNode.Parse("""{"properties":{"diskIOPSReadWrite":5000,"diskMBpsReadWrite":200} }"""));
        var azure = Open(Service(Volume("data")));
        var disk = azure.DiskOf(Volume("data"));
        var snapshots = new DiskSnapshots(azure);
        var snapshot = await snapshots.TakeAsync(disk, "a copy", default);
        var copy = await snapshots.CopyAsync(snapshot, disk, "data-copy", "a copy", default);

        var made = (await Azure.GetAsync(AzureStage.Disk(copy.Name)))!;
        Assert.Equal(("2", "PremiumV2_LRS", "orders"), (made["zones"]![0]!.GetValue<string>(), made["sku"]!["name"]!.GetValue<string>(), made["tags"]!["statefuldeploy-service"]!.GetValue<string>()));
        Assert.Equal((5000, 200), (made["properties"]!["diskIOPSReadWrite"]!.GetValue<int>(), made["properties"]!["diskMBpsReadWrite"]!.GetValue<int>()));
        Assert.Equal(100, made["properties"]!["completionPercent"]?.GetValue<double>() ?? 100);
        Assert.Contains(Told, line => line.StartsWith("The content of 'data-copy' has come to ", StringComparison.Ordinal));

        // Done again it is found, and another disk of that name is not taken for it.
        var changes = Changes().Count;
        await snapshots.CopyAsync(snapshot, disk, "data-copy", "a copy", default);
        Assert.Equal(changes, Changes().Count);
        Assert.Equal("NameTaken", (await Assert.ThrowsAsync<UpgradeException>(() => snapshots.CopyAsync(snapshot, disk, "data", "a copy", default))).ErrorId);
    }

    [AzureFact]
    public async Task An_action_that_a_move_needs_and_the_identity_lacks_is_named_before_the_disk_is_taken()
    {
        await Azure.MakeDiskAsync("data");
        await Azure.MakeMachineAsync("blue", disks: "data");
        await Azure.MakeMachineAsync("green");
        Simulator.Rights.Deny("Microsoft.Compute/virtualMachines/attachDetachDataDisks/action");
        using var provider = Provider(Service(Volume("data")));
        var error = await Assert.ThrowsAsync<UpgradeException>(() => provider.RequireAttachableAsync(Volume("data"), Host("green"), default));
        Assert.Equal("AzureAuthorizationFailed", error.ErrorId);
        Assert.Contains("'Microsoft.Compute/virtualMachines/attachDetachDataDisks/action'", error.Message, StringComparison.Ordinal);
        Assert.Empty(Changes());
    }

    private async Task<string> CachingAsync(string machine) =>
        (await Azure.GetAsync(AzureStage.Machine(machine)))!["properties"]!["storageProfile"]!["dataDisks"]![0]!["caching"]!.GetValue<string>();

    private Task MakeUltraAsync(string name, params string[] disks) => MakeAsync(name, body => body["properties"]!["additionalCapabilities"] = new JsonObject { ["ultraSSDEnabled"] = true }, "1", disks);

    private async Task MakeAsync(string name, Action<JsonObject> change, string? zone = null, params string[] disks)
    {
        await Azure.DoAsync("PUT", $"Microsoft.Network/networkInterfaces/{name}-nic", JsonNode.Parse($$$"""
            {"location":"{{{AzureStage.Location}}}","properties":{"ipConfigurations":[{"name":"main","properties":{"subnet":{"id":"{{{Azure.Id("Microsoft.Network/virtualNetworks/net/subnets/main")}}}"}} }]}}
            """));
        var body = Azure.MachineBody(name, zone, "Standard_D4s_v5", disks);
        change(body);
        await Azure.DoAsync("PUT", AzureStage.Machine(name), body);
    }

    private Task MakeSharedAsync(string name, int shares) => Azure.DoAsync("PUT", AzureStage.Disk(name), JsonNode.Parse($$"""
        {"location":"{{AzureStage.Location}}","sku":{"name":"Premium_LRS"},"properties":{"creationData":{"createOption":"Empty"},"diskSizeGB":1024,"maxShares":{{shares}}} }
        """));
}
