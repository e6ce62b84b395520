using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Tests.Stage;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Tests.Disks;

/// <summary>What cannot be is found before anything is touched.</summary>
public sealed class BadInputTests : ServiceTest
{
    [AzureFact]
    public async Task A_subscription_that_is_not_there()
    {
        var service = Service(Volume("data"));
        var error = await RefusedAsync(service with { Azure = service.Azure! with { Subscription = "99999999-9999-9999-9999-999999999999" } }, Volume("data"));
        Assert.Equal(FailureCategory.NotFound, error.Category);
        Assert.Contains("azure.subscription", error.RecommendedAction, StringComparison.Ordinal);
    }

    [AzureFact]
    public async Task A_role_that_is_missing_names_the_action_that_it_lacks()
    {
        await StageAsync();
        Simulator.Rights.Deny("Microsoft.Compute/virtualMachines/attachDetachDataDisks/action");
        using var provider = Provider(Service(Volume("data")));
        var error = await Assert.ThrowsAsync<UpgradeException>(() => provider.DetachAsync(Volume("data"), Host("blue"), default));
        Assert.Equal("AzureAuthorizationFailed", error.ErrorId);
        Assert.Equal("Microsoft.Compute/virtualMachines/attachDetachDataDisks/action", error.Target);
        Assert.Contains("azure-role.json", error.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(("Attached", "blue"), await DiskAsync("data"));
    }

    [AzureFact]
    public async Task A_disk_in_another_zone()
    {
        await Azure.MakeDiskAsync("data", zone: "1");
        await Azure.MakeMachineAsync("blue", zone: "1", disks: "data");
        await Azure.MakeMachineAsync("green", zone: "2");
        var error = await RefusedAsync(Service(Volume("data")), Volume("data"));
        Assert.Equal("ZoneMismatch", error.ErrorId);
        Assert.Contains("zone 1", error.Message, StringComparison.Ordinal);
        Assert.Contains("zone 2", error.Message, StringComparison.Ordinal);
    }

    [AzureFact]
    public async Task A_machine_whose_size_has_no_number_left()
    {
        string[] full = ["a", "b", "c", "d"];
        foreach (var disk in full)
            await Azure.MakeDiskAsync(disk);
        await StageAsync(greenSize: "Standard_B2s", green: full);
        var error = await RefusedAsync(Service(Volume("data")), Volume("data"));
        Assert.Equal("NoLunLeft", error.ErrorId);
        Assert.Contains("Standard_B2s can have 4", error.Message, StringComparison.Ordinal);
    }

    [AzureFact]
    public async Task A_number_that_another_disk_has()
    {
        await Azure.MakeDiskAsync("other");
        await StageAsync(green: "other");
        Assert.Equal("SlotTaken", (await RefusedAsync(Service(Volume("data", slot: 0)), Volume("data", slot: 0))).ErrorId);
    }

    [AzureFact]
    public async Task A_disk_of_a_machine_that_is_none_of_the_service()
    {
        await Azure.MakeDiskAsync("data");
        await Azure.MakeMachineAsync("stranger", disks: "data");
        await Azure.MakeMachineAsync("green");
        var error = await RefusedAsync(Service(Volume("data")), Volume("data"));
        Assert.Equal("VolumeAttachedElsewhere", error.ErrorId);
        Assert.Contains("'stranger'", error.Message, StringComparison.Ordinal);
        using var provider = Provider(Service(Volume("data")));
        Assert.Equal("VolumeAttachedElsewhere", (await Assert.ThrowsAsync<UpgradeException>(() => provider.AttachAsync(Volume("data"), Host("green"), default))).ErrorId);
    }

    [AzureFact]
    public async Task An_ultra_disk_for_a_machine_without_it()
    {
        await Azure.MakeDiskAsync("data", zone: "1", sku: "UltraSSD_LRS");
        await Azure.MakeMachineAsync("green", zone: "1");
        Simulator.Monitor.MayStayFree("data");
        Assert.Equal("UltraNotEnabled", (await RefusedAsync(Service(Volume("data")), Volume("data"))).ErrorId);
    }

    [AzureFact]
    public async Task Caching_that_a_disk_cannot_have()
    {
        await Azure.MakeDiskAsync("data", gigabytes: 4096);
        await Azure.MakeMachineAsync("green");
        var volume = Volume("data") with { Caching = "ReadOnly" };
        var error = await RefusedAsync(Service(volume), volume);
        Assert.Equal("CachingNotSupported", error.ErrorId);
        Assert.Contains("4 TiB", error.Message, StringComparison.Ordinal);
    }

    [AzureFact]
    public async Task A_disk_that_is_not_there()
    {
        await Azure.MakeMachineAsync("green");
        var error = await RefusedAsync(Service(Volume("nothing")), Volume("nothing"));
        Assert.Equal("DiskNotFound", error.ErrorId);
    }

    [AzureFact]
    public async Task A_name_that_is_too_long_is_refused_without_asking()
    {
        var volume = Volume(new string('d', 81));
        var error = await RefusedAsync(Service(volume), volume);
        Assert.Equal("InvalidName", error.ErrorId);
        Assert.Contains("81 characters", error.Message, StringComparison.Ordinal);
        Assert.Empty(Simulator.Requests);
    }

    [Theory]
    [InlineData("Microsoft.Compute/virtualMachines", "ends-with-")]
    [InlineData("Microsoft.Compute/virtualMachines", "has space")]
    [InlineData("Microsoft.Compute/disks", "has.dot")]
    [InlineData("Microsoft.Network/loadBalancers", "-begins")]
    public void A_name_that_azure_does_not_take_is_refused(string type, string name) =>
        Assert.Equal("InvalidName", Assert.Throws<UpgradeException>(() => ResourceNames.Require(type, name)).ErrorId);

    [Theory]
    [InlineData("/subscriptions/x/resourceGroups/g/providers/Microsoft.Compute/disks/d")]
    [InlineData("/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.Compute/disks")]
    [InlineData("/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.Compute/disks/d?api-version=1")]
    [InlineData("disks/d")]
    public void What_is_no_id_is_refused(string text) => Assert.Equal("InvalidResourceId", Assert.Throws<UpgradeException>(() => ResourceId.Parse(text)).ErrorId);

    private async Task StageAsync(string greenSize = "Standard_D4s_v5", params string[] green)
    {
        await Azure.MakeDiskAsync("data");
        await Azure.MakeMachineAsync("blue", disks: "data");
        await Azure.MakeMachineAsync("green", size: greenSize, disks: green);
    }

    private async Task<UpgradeException> RefusedAsync(ServiceDescription service, VolumeDescription volume)
    {
        using var provider = Provider(service);
        var error = await Assert.ThrowsAsync<UpgradeException>(() => provider.RequireAttachableAsync(volume, Host("green"), default));
        Assert.Empty(Changes());
        return error;
    }
}
