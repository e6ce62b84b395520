using System.Text.Json.Nodes;
using StatefulDeploy.Azure.Machines;
using StatefulDeploy.Azure.Tests.Stage;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
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
        var machines = Machines(service);

        Assert.Empty(await machines.InspectAsync(Context(Service()), default));
        await machines.MakeAsync(Context(Service()), default);

        var green = (await Azure.GetAsync(AzureStage.Machine("green")))!;
        var properties = green["properties"]!;
        Assert.Equal("2", green["zones"]![0]!.GetValue<string>());
        Assert.Equal("Standard_D4s_v5", properties["hardwareProfile"]!["vmSize"]!.GetValue<string>());
        Assert.Equal("debian-13", properties["storageProfile"]!["imageReference"]!["offer"]!.GetValue<string>());
        Assert.Equal("Delete", properties["storageProfile"]!["osDisk"]!["deleteOption"]!.GetValue<string>());
        Assert.Equal("green", properties["osProfile"]!["computerName"]!.GetValue<string>());
        Assert.Empty(properties["storageProfile"]!["dataDisks"]!.AsArray());
        Assert.Equal(["orders", Upgrade, "Green"], new[] { "service", "upgrade", "colour" }.Select(tag => green["tags"]![$"statefuldeploy-{tag}"]!.GetValue<string>()));
        Assert.Equal(Upgrade, (await Azure.GetAsync(AzureStage.Disk(properties["storageProfile"]!["osDisk"]!["name"]!.GetValue<string>())))!["tags"]!["statefuldeploy-upgrade"]!.GetValue<string>());
        var nic = (await Azure.GetAsync("Microsoft.Network/networkInterfaces/green-nic"))!;
        Assert.Equal("10.1.0.5", nic["properties"]!["ipConfigurations"]![0]!["properties"]!["privateIPAddress"]!.GetValue<string>());
        Assert.Equal(Upgrade, nic["tags"]!["statefuldeploy-upgrade"]!.GetValue<string>());
    }

    [AzureFact]
    public async Task Made_twice_it_is_made_once_and_removed_with_its_interface()
    {
        await StageAsync();
        var machines = Machines(Service());
        await machines.MakeAsync(Context(Service()), default);
        await machines.MakeAsync(Context(Service()), default);
        Assert.Equal(["NetworkInterfaces_CreateOrUpdate", "VirtualMachines_CreateOrUpdate", "Disks_Update"], Changes());

        await machines.RemoveAsync(Context(Service()), default);
        Assert.Null(await Azure.GetAsync(AzureStage.Machine("green")));
        Assert.Null(await Azure.GetAsync("Microsoft.Network/networkInterfaces/green-nic"));
        Assert.NotNull(await Azure.GetAsync(AzureStage.Machine("blue")));
        var changes = Changes().Count;
        await machines.RemoveAsync(Context(Service()), default);
        Assert.Equal(changes, Changes().Count);
    }

    [AzureFact]
    public async Task A_machine_of_somebody_else_with_that_name_is_neither_used_nor_removed()
    {
        await StageAsync();
        await Azure.MakeMachineAsync("green");
        var machines = Machines(Service());
        Assert.Equal("NameTaken", Assert.Single(await machines.InspectAsync(Context(Service()), default)).Code);
        Assert.Equal("NameTaken", (await Assert.ThrowsAsync<UpgradeException>(() => machines.MakeAsync(Context(Service()), default))).ErrorId);
        await machines.RemoveAsync(Context(Service()), default);
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
        var machines = Machines(Service());
        Assert.Equal("AzurePreconditionFailed", (await Assert.ThrowsAsync<UpgradeException>(() => machines.MakeAsync(Context(Service()), default))).ErrorId);
        Assert.Null((await Azure.GetAsync(AzureStage.Machine("green")))!["tags"]);
        await machines.RemoveAsync(Context(Service()), default);
        Assert.NotNull(await Azure.GetAsync(AzureStage.Machine("green")));
    }

    [AzureFact]
    public async Task A_machine_with_a_data_disk_is_not_removed()
    {
        await StageAsync();
        await Azure.MakeDiskAsync("data");
        var service = Service(Volume("data"));
        var machines = Machines(service);
        await machines.MakeAsync(Context(Service()), default);
        using var provider = Provider(service);
        await provider.AttachAsync(Volume("data"), Host("green"), default);

        Assert.Equal("DataOnMachine", (await Assert.ThrowsAsync<UpgradeException>(() => machines.RemoveAsync(Context(Service()), default))).ErrorId);
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
        var findings = await Machines(service).InspectAsync(Context(Service()), default);
        Assert.Contains(findings, finding => finding.Code == code && finding.Severity == FindingSeverity.Refuse);
        Assert.Empty(Changes());
    }

    [AzureFact]
    public async Task A_machine_for_which_azure_has_no_room_is_told_with_azure_s_code()
    {
        await StageAsync();
        Simulator.Faults.Inject(new Fault(FaultName.NoCapacity) { Resource = "green" });
        var machines = Machines(Service());
        var error = await Assert.ThrowsAsync<UpgradeException>(() => machines.MakeAsync(Context(Service()), default));
        Assert.Equal(("AzureAllocationFailed", FailureCategory.Capacity), (error.ErrorId, error.Category));
        await machines.RemoveAsync(Context(Service()), default);
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
        await Machines(service).MakeAsync(Context(Service()), default);
        var green = (await Azure.GetAsync(AzureStage.Machine("green")))!["properties"]!;
        Assert.Equal("Standard_D2s_v5", green["hardwareProfile"]!["vmSize"]!.GetValue<string>());
        Assert.Equal("green", green["osProfile"]!["computerName"]!.GetValue<string>());
    }

    [AzureFact]
    public async Task What_blue_has_beside_its_size_green_has_too()
    {
        await Azure.DoAsync("PUT", "Microsoft.Compute/availabilitySets/together", JsonNode.Parse($$"""{"location":"{{AzureStage.Location}}","sku":{"name":"Aligned"},"properties":{"platformFaultDomainCount":2,"platformUpdateDomainCount":5} }"""));
        await StageAsync(body =>
        {
            body["identity"] = new JsonObject { ["type"] = "SystemAssigned" };
            body["properties"]!["availabilitySet"] = new JsonObject { ["id"] = Azure.Id("Microsoft.Compute/availabilitySets/together") };
            body["properties"]!["securityProfile"] = new JsonObject { ["encryptionAtHost"] = true };
        }, network => network["properties"]!["enableAcceleratedNetworking"] = true);
        var service = Service();
        var init = Path.Combine(Path.GetDirectoryName(service.Path)!, "init.yaml");
        await File.WriteAllTextAsync(init, "#cloud-config\npackages: [redis]\n");
        service = service with { Azure = service.Azure! with { Green = new AzureGreenDescription { CloudInitFile = init } } };
        await Machines(service).MakeAsync(Context(service), default);

        var green = (await Azure.GetAsync(AzureStage.Machine("green")))!;
        Assert.Equal("SystemAssigned", green["identity"]!["type"]!.GetValue<string>());
        Assert.EndsWith("/availabilitySets/together", green["properties"]!["availabilitySet"]!["id"]!.GetValue<string>(), StringComparison.OrdinalIgnoreCase);
        Assert.True(green["properties"]!["securityProfile"]!["encryptionAtHost"]!.GetValue<bool>());
        Assert.True((await Azure.GetAsync("Microsoft.Network/networkInterfaces/green-nic"))!["properties"]!["enableAcceleratedNetworking"]!.GetValue<bool>());
    }

    [AzureFact]
    public async Task What_another_process_began_is_waited_for_and_not_begun_again()
    {
        await StageAsync();
        Simulator.Faults.Inject(new Fault(FaultName.SlowOperation) { Resource = "green", For = TimeSpan.FromSeconds(2) });
        using var killed = new CancellationTokenSource();
        var first = Machines(Service()).MakeAsync(Context(Service()), killed.Token);
        await TestBed.WaitUntilAsync(() => Task.FromResult(File.Exists(Path.Combine(Service().StateDirectory, "azure", "service.green.operation.json"))), "it is begun", TimeSpan.FromSeconds(20));
        await killed.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        await Machines(Service()).MakeAsync(Context(Service()), default);
        Assert.Single(Changes(), change => change == "VirtualMachines_CreateOrUpdate");
        Assert.Contains(Simulator.Requests, request => request.Path.Contains("/locations/", StringComparison.Ordinal) && request.Path.Contains("/operations/", StringComparison.Ordinal));
        Assert.Empty(Directory.GetFiles(Path.Combine(Service().StateDirectory, "azure")));
    }

    [AzureFact]
    public async Task What_another_machine_began_is_waited_for_without_its_note()
    {
        await StageAsync();
        Simulator.Faults.Inject(new Fault(FaultName.SlowOperation) { Resource = "green", For = TimeSpan.FromSeconds(2) });
        using var killed = new CancellationTokenSource();
        var first = Machines(Service()).MakeAsync(Context(Service()), killed.Token);
        await TestBed.WaitUntilAsync(() => Task.FromResult(File.Exists(Path.Combine(Service().StateDirectory, "azure", "service.green.operation.json"))), "it is begun", TimeSpan.FromSeconds(20));
        await killed.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Directory.Delete(Path.Combine(Service().StateDirectory, "azure"), recursive: true);

        await Machines(Service()).MakeAsync(Context(Service()), default);
        Assert.Single(Changes(), change => change == "VirtualMachines_CreateOrUpdate");
    }

    [AzureFact]
    public async Task Hosts_whose_machines_are_not_there_are_told()
    {
        await StageAsync();
        Assert.Equal(["green"], Machines(Service()).Hosts);
        Assert.Equal(["green"], await Machines(Service()).FindUnmadeAsync(default));
        await Machines(Service()).MakeAsync(Context(Service()), default);
        Assert.Empty(await Machines(Service()).FindUnmadeAsync(default));
    }

    [AzureFact]
    public async Task An_action_that_the_identity_lacks_is_named_beforehand()
    {
        await StageAsync();
        Simulator.Rights.Deny("Microsoft.Network/networkInterfaces/join/action");
        var finding = Assert.Single(await Machines(Service()).InspectAsync(Context(Service()), default));
        Assert.Equal("AzureAuthorizationFailed", finding.Code);
        Assert.Contains("'Microsoft.Network/networkInterfaces/join/action'", finding.Message, StringComparison.Ordinal);
        Assert.Contains("azure-role.json", finding.Remedy, StringComparison.Ordinal);
    }

    [AzureTheory]
    [InlineData("Standard_D4s_v5", "2", "Premium_LRS", "ZoneMismatch")]
    [InlineData("Standard_D4s_v5", "1", "UltraSSD_LRS", "UltraNotEnabled")]
    [InlineData("Standard_D2_v3", "1", "Premium_LRS", "PremiumNotSupported")]
    public async Task A_volume_that_the_machine_could_not_have_is_found_before_it_is_made(string size, string diskZone, string kind, string code)
    {
        await StageAsync(zone: "1");
        await Azure.MakeDiskAsync("data", zone: diskZone, sku: kind);
        Simulator.Monitor.MayStayFree("data");
        var service = Coming("data");
        service = service with { Azure = service.Azure! with { Green = new AzureGreenDescription { Size = size } } };
        Assert.Contains(await Machines(service).InspectAsync(Context(service), default), finding => finding.Code == code && finding.Severity == FindingSeverity.Refuse);
        Assert.Empty(Changes());
    }

    [AzureFact]
    public async Task More_volumes_than_the_size_can_have_are_found_before_it_is_made()
    {
        await StageAsync();
        string[] disks = ["a", "b", "c", "d", "e"];
        foreach (var disk in disks)
            await Azure.MakeDiskAsync(disk);
        foreach (var disk in disks)
            Simulator.Monitor.MayStayFree(disk);
        var service = Coming(disks);
        service = service with { Azure = service.Azure! with { Green = new AzureGreenDescription { Size = "Standard_D2s_v5" } } };
        var finding = Assert.Single(await Machines(service).InspectAsync(Context(service), default), finding => finding.Code == "NoLunLeft");
        Assert.Contains("Standard_D2s_v5 can have 4", finding.Message, StringComparison.Ordinal);
    }

    [AzureFact]
    public async Task Blue_s_machines_of_an_earlier_upgrade_are_marked_and_go_when_their_data_s_time_is_over()
    {
        await StageAsync();
        await Machines(Service()).MakeAsync(Context(Service()), default);

        // The next upgrade: what was green is blue, and is retired.
        var next = Next("green", "third");
        await Machines(next).RetireAsync(Context(next) with { UpgradeId = "orders-2" }, default);
        Assert.NotNull((await Azure.GetAsync(AzureStage.Machine("green")))!["tags"]!["statefuldeploy-retired"]);
        var changes = Changes().Count;
        await Machines(next).RetireAsync(Context(next) with { UpgradeId = "orders-2" }, default);
        Assert.Equal(changes, Changes().Count);

        // The one after it: the day has not come, then it has.
        var last = Next("third", "fourth");
        await Machines(last).RetireAsync(Context(last) with { UpgradeId = "orders-3" }, default);
        Assert.NotNull(await Azure.GetAsync(AzureStage.Machine("green")));
        var tags = (await Azure.GetAsync(AzureStage.Machine("green")))!["tags"]!.DeepClone();
        tags["statefuldeploy-retired"] = "2020-01-01";
        await Azure.DoAsync("PATCH", AzureStage.Machine("green"), new JsonObject { ["tags"] = tags });
        await Machines(last).RetireAsync(Context(last) with { UpgradeId = "orders-3" }, default);
        Assert.Null(await Azure.GetAsync(AzureStage.Machine("green")));
        Assert.NotNull(await Azure.GetAsync(AzureStage.Machine("blue")));
    }

    private AzureMachineProvider Machines(ServiceDescription service) => new(() => Open(service));

    private ServiceDescription Coming(params string[] disks)
    {
        var service = Service([.. disks.Select(disk => Volume(disk))]);
        var node = service.Green.Shards[0].Nodes[0];
        return service with { Green = service.Green with { Shards = [new Shard("main", [.. disks.Select((disk, index) => node with { Name = $"green-{index}", Volume = disk })])] } };
    }

    private ServiceDescription Next(string blue, string green)
    {
        var service = Service();
        Node On(ClusterLayout layout, string host) => layout.Nodes.First() with { Host = host };
        return service with
        {
            Blue = service.Blue with { Shards = [new Shard("main", [On(service.Blue, blue)])] },
            Green = service.Green with { Shards = [new Shard("main", [service.Green.Shards[0].Nodes[0] with { Host = green }])] },
            Hosts = new[] { blue, green }.ToDictionary(name => name, name => new HostDescription { Name = name, Ssh = name }, StringComparer.Ordinal),
        };
    }

    private static JsonNode Interface(AzureCaller azure) => JsonNode.Parse($$$"""
        {"location":"{{{AzureStage.Location}}}","properties":{"ipConfigurations":[{"name":"main","properties":{"subnet":{"id":"{{{azure.Id("Microsoft.Network/virtualNetworks/net/subnets/main")}}}"}} }]}}
        """)!;

    private Task StageAsync(string? zone = null) => Azure.MakeMachineAsync("blue", zone: zone);

    private async Task StageAsync(Action<JsonObject> machine, Action<JsonNode> network)
    {
        var (nic, body) = (Interface(Azure), Azure.MachineBody("blue"));
        network(nic);
        machine(body);
        await Azure.DoAsync("PUT", "Microsoft.Network/networkInterfaces/blue-nic", nic);
        await Azure.DoAsync("PUT", AzureStage.Machine("blue"), body);
    }
}
