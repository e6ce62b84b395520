using System.Text.Json.Nodes;
using StatefulDeploy.Azure.Machines;
using StatefulDeploy.Azure.Tests.Stage;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Harness.Azure.Faults;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Tests.Machines;

/// <summary>Green's machines are made after blue's, and only what was made is removed.</summary>
public sealed class GreenMachineTests : ServiceTest
{
    private const string Upgrade = "orders-1";

    protected override AzureOptions Options => new() { RegionalCores = 12 };

    [AzureFact]
    public async Task A_machine_is_made_in_blue_s_shape_with_the_new_image_its_address_and_our_tags()
    {
        await StageAsync(zone: "2");
        var service = Service();
        service = service with { Azure = service.Azure! with { Green = new AzureGreenDescription { Image = "Debian:debian-13:13-gen2:latest" } } };
        var machines = new GreenMachines(Open(service));

        Assert.Empty(await machines.InspectAsync(Upgrade, default));
        await machines.MakeAsync(Upgrade, default);

        var green = (await Azure.GetAsync(AzureStage.Machine("green")))!;
        var properties = green["properties"]!;
        Assert.Equal("2", green["zones"]![0]!.GetValue<string>());
        Assert.Equal("Standard_D4s_v5", properties["hardwareProfile"]!["vmSize"]!.GetValue<string>());
        Assert.Equal("debian-13", properties["storageProfile"]!["imageReference"]!["offer"]!.GetValue<string>());
        Assert.Equal("Delete", properties["storageProfile"]!["osDisk"]!["deleteOption"]!.GetValue<string>());
        Assert.Equal("green", properties["osProfile"]!["computerName"]!.GetValue<string>());
        Assert.Empty(properties["storageProfile"]!["dataDisks"]!.AsArray());
        Assert.Equal(["orders", Upgrade, "Green"], new[] { "service", "upgrade", "colour" }.Select(tag => green["tags"]![$"statefuldeploy-{tag}"]!.GetValue<string>()));
        var nic = (await Azure.GetAsync("Microsoft.Network/networkInterfaces/green-nic"))!;
        Assert.Equal("10.1.0.5", nic["properties"]!["ipConfigurations"]![0]!["properties"]!["privateIPAddress"]!.GetValue<string>());
        Assert.Equal(Upgrade, nic["tags"]!["statefuldeploy-upgrade"]!.GetValue<string>());
    }

    [AzureFact]
    public async Task Made_twice_it_is_made_once_and_removed_with_its_interface()
    {
        await StageAsync();
        var machines = new GreenMachines(Open(Service()));
        await machines.MakeAsync(Upgrade, default);
        await machines.MakeAsync(Upgrade, default);
        Assert.Equal(2, Changes().Count);

        Assert.Equal(["green"], await machines.RemoveAsync(Upgrade, default));
        Assert.Null(await Azure.GetAsync(AzureStage.Machine("green")));
        Assert.Null(await Azure.GetAsync("Microsoft.Network/networkInterfaces/green-nic"));
        Assert.NotNull(await Azure.GetAsync(AzureStage.Machine("blue")));
        Assert.Empty(await machines.RemoveAsync(Upgrade, default));
    }

    [AzureFact]
    public async Task A_machine_of_somebody_else_with_that_name_is_neither_used_nor_removed()
    {
        await StageAsync();
        await Azure.MakeMachineAsync("green");
        var machines = new GreenMachines(Open(Service()));
        Assert.Equal("NameTaken", Assert.Single(await machines.InspectAsync(Upgrade, default)).Code);
        Assert.Equal("NameTaken", (await Assert.ThrowsAsync<UpgradeException>(() => machines.MakeAsync(Upgrade, default))).ErrorId);
        Assert.Empty(await machines.RemoveAsync(Upgrade, default));
        Assert.Empty(Changes());
    }

    [AzureFact]
    public async Task A_machine_that_somebody_makes_meanwhile_is_not_changed_into_ours()
    {
        await StageAsync();
        using var colleague = Simulator.Caller("service");
        Simulator.Faults.Inject(new Fault(FaultName.Colleague)
        {
            Resource = "green",
            Method = "PUT",
            Act = async () =>
            {
                await colleague.DoAsync("PUT", "Microsoft.Network/networkInterfaces/theirs-nic", Interface(colleague));
                var body = colleague.MachineBody("green");
                body["properties"]!["networkProfile"]!["networkInterfaces"]![0]!["id"] = colleague.Id("Microsoft.Network/networkInterfaces/theirs-nic");
                await colleague.DoAsync("PUT", AzureStage.Machine("green"), body);
            },
        });
        var machines = new GreenMachines(Open(Service()));
        Assert.Equal("AzurePreconditionFailed", (await Assert.ThrowsAsync<UpgradeException>(() => machines.MakeAsync(Upgrade, default))).ErrorId);
        Assert.Null((await Azure.GetAsync(AzureStage.Machine("green")))!["tags"]);
        await machines.RemoveAsync(Upgrade, default);
        Assert.NotNull(await Azure.GetAsync(AzureStage.Machine("green")));
    }

    [AzureFact]
    public async Task A_machine_with_a_data_disk_is_not_removed()
    {
        await StageAsync();
        await Azure.MakeDiskAsync("data");
        var service = Service(Volume("data"));
        var machines = new GreenMachines(Open(service));
        await machines.MakeAsync(Upgrade, default);
        using var provider = Provider(service);
        await provider.AttachAsync(Volume("data"), Host("green"), default);

        Assert.Equal("DataOnMachine", (await Assert.ThrowsAsync<UpgradeException>(() => machines.RemoveAsync(Upgrade, default))).ErrorId);
        Assert.Equal(("Attached", "green"), await DiskAsync("data"));
    }

    [AzureTheory]
    [InlineData("Standard_E8s_v5", null, "QuotaExceeded")]
    [InlineData("Standard_M8ms", null, "SizeRestricted")]
    [InlineData("Standard_Nothing", null, "SizeNotInRegion")]
    public async Task A_size_that_cannot_be_had_is_found_beforehand(string size, string? zone, string code)
    {
        await StageAsync(zone);
        await Azure.MakeMachineAsync("big");
        var service = Service();
        service = service with { Azure = service.Azure! with { Green = new AzureGreenDescription { Size = size } } };
        var findings = await new GreenMachines(Open(service)).InspectAsync(Upgrade, default);
        Assert.Contains(findings, finding => finding.Code == code && finding.Severity == FindingSeverity.Refuse);
        Assert.Empty(Changes());
    }

    [AzureFact]
    public async Task A_machine_for_which_azure_has_no_room_is_told_with_azure_s_code()
    {
        await StageAsync();
        Simulator.Faults.Inject(new Fault(FaultName.NoCapacity) { Resource = "green" });
        var machines = new GreenMachines(Open(Service()));
        var error = await Assert.ThrowsAsync<UpgradeException>(() => machines.MakeAsync(Upgrade, default));
        Assert.Equal(("AzureAllocationFailed", FailureCategory.Capacity), (error.ErrorId, error.Category));
        await machines.RemoveAsync(Upgrade, default);
        Assert.Null(await Azure.GetAsync(AzureStage.Machine("green")));
        Assert.Null(await Azure.GetAsync("Microsoft.Network/networkInterfaces/green-nic"));
    }

    [AzureFact]
    public async Task A_template_of_the_user_s_stands_for_blue_s_shape()
    {
        await StageAsync();
        var service = Service();
        var file = Path.Combine(Path.GetDirectoryName(service.Path)!, "green.json");
        var model = Azure.MachineBody("${name}");
        model["properties"]!["networkProfile"]!.AsObject().Clear();
        await File.WriteAllTextAsync(file, new JsonObject { ["virtualMachine"] = model }.ToJsonString());
        service = service with { Azure = service.Azure! with { Green = new AzureGreenDescription { TemplateFile = file, Size = "Standard_D2s_v5" } } };
        await new GreenMachines(Open(service)).MakeAsync(Upgrade, default);
        var green = (await Azure.GetAsync(AzureStage.Machine("green")))!["properties"]!;
        Assert.Equal("Standard_D2s_v5", green["hardwareProfile"]!["vmSize"]!.GetValue<string>());
        Assert.Equal("green", green["osProfile"]!["computerName"]!.GetValue<string>());
    }

    private static JsonNode Interface(AzureCaller azure) => JsonNode.Parse($$$"""
        {"location":"{{{AzureStage.Location}}}","properties":{"ipConfigurations":[{"name":"main","properties":{"subnet":{"id":"{{{azure.Id("Microsoft.Network/virtualNetworks/net/subnets/main")}}}"}} }]}}
        """)!;

    private Task StageAsync(string? zone = null) => Azure.MakeMachineAsync("blue", zone: zone);
}
