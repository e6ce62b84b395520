using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Harness.Azure.Faults;
using static StatefulDeploy.Harness.Azure.AzureStage;

namespace StatefulDeploy.Azure.Tests.Simulator;

/// <summary>Balancers, their pools, and names.</summary>
public sealed class NetworkTests : SimulatorTest
{
    private const string Balancer = "Microsoft.Network/loadBalancers/front";
    private const string Pool = Balancer + "/backendAddressPools/members";
    private const string Record = "Microsoft.Network/privateDnsZones/internal.example/A/redis";

    [AzureFact]
    public async Task A_member_by_address_comes_and_goes_by_its_pool()
    {
        await Azure.DoAsync("PUT", Balancer, Body());
        await Azure.DoAsync("PUT", Pool, Members("10.1.0.10"));
        Assert.Equal(["10.1.0.10"], await AddressesAsync());
        await Azure.DoAsync("PUT", Pool, Members("10.1.0.20"));
        Assert.Equal(["10.1.0.20"], await AddressesAsync());
        var balancer = await Azure.GetAsync(Balancer);
        Assert.Equal("10.1.0.20", balancer!["properties"]!["backendAddressPools"]![0]!["properties"]!["loadBalancerBackendAddresses"]![0]!["properties"]!["ipAddress"]!.GetValue<string>());
    }

    [AzureFact]
    public async Task A_member_by_interface_shows_in_its_pool_which_takes_no_addresses_then()
    {
        await Azure.DoAsync("PUT", Balancer, Body());
        await Azure.DoAsync("PUT", "Microsoft.Network/networkInterfaces/one", Interface(Azure.Id(Pool)));
        var pool = await Azure.GetAsync(Pool);
        Assert.EndsWith("/networkInterfaces/one/ipConfigurations/main", pool!["properties"]!["backendIPConfigurations"]![0]!["id"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("BackendPoolTypeConflict", (await Azure.SendAsync("PUT", Pool, Members("10.1.0.10"))).ErrorCode);
        await Azure.DoAsync("PUT", "Microsoft.Network/networkInterfaces/one", Interface(null));
        Assert.Null((await Azure.GetAsync(Pool))!["properties"]!["backendIPConfigurations"]);
    }

    [AzureFact]
    public async Task A_change_of_a_balancer_that_somebody_changed_meanwhile_is_refused()
    {
        await Azure.DoAsync("PUT", Balancer, Body());
        var etag = (await Azure.SendAsync("GET", Balancer)).Header("ETag")!;
        await Azure.DoAsync("PUT", Pool, Members("10.1.0.10"));
        var reply = await Azure.SendAsync("PUT", Pool, Members("10.1.0.20"), ("If-Match", etag));
        Assert.Equal((412, "PreconditionFailed"), (reply.Status, reply.ErrorCode));
        Assert.Equal(["10.1.0.10"], await AddressesAsync());
    }

    [AzureFact]
    public async Task A_put_of_the_balancer_overtakes_one_of_its_pool_which_never_comes_into_force()
    {
        await Azure.DoAsync("PUT", Balancer, Body());
        var slow = Simulator.Faults.Inject(new Fault(FaultName.SlowOperation) { Resource = "front", For = TimeSpan.FromMinutes(10) });
        var pool = await Azure.SendAsync("PUT", Pool, Members("10.1.0.10"));
        Assert.Equal("AnotherOperationInProgress", (await Azure.SendAsync("PUT", Pool, Members("10.1.0.20"))).ErrorCode);
        await Azure.DoAsync("PUT", Balancer, Body());
        var end = await Azure.WaitAsync(pool);
        Assert.Equal((200, "CanceledAndSupersededDueToAnotherOperation", "Canceled"), (end.Status, end.ErrorCode, end.Body!["status"]!.GetValue<string>()));
        Assert.Empty(await AddressesAsync());
        Simulator.Faults.Lift(slow);
    }

    [AzureFact]
    public async Task A_change_of_a_pool_is_superseded_by_a_fault()
    {
        await Azure.DoAsync("PUT", Balancer, Body());
        Simulator.Faults.Inject(new Fault(FaultName.Superseded) { Resource = "front" });
        var end = await Azure.WaitAsync(await Azure.SendAsync("PUT", Pool, Members("10.1.0.10")));
        Assert.Equal("CanceledAndSupersededDueToAnotherOperation", end.ErrorCode);
        Assert.Empty(await AddressesAsync());
    }

    [AzureFact]
    public async Task An_interface_of_a_machine_is_not_deleted_and_gets_no_address_twice()
    {
        await Azure.MakeMachineAsync("blue");
        Assert.Equal("NicInUse", (await Azure.SendAsync("DELETE", "Microsoft.Network/networkInterfaces/blue-nic")).ErrorCode);
        var taken = (await Azure.GetAsync("Microsoft.Network/networkInterfaces/blue-nic"))!["properties"]!["ipConfigurations"]![0]!["properties"]!["privateIPAddress"]!.GetValue<string>();
        var other = Interface(null);
        other["properties"]!["ipConfigurations"]![0]!["properties"]!["privateIPAllocationMethod"] = "Static";
        other["properties"]!["ipConfigurations"]![0]!["properties"]!["privateIPAddress"] = taken;
        Assert.Equal("PrivateIPAddressInUse", (await Azure.SendAsync("PUT", "Microsoft.Network/networkInterfaces/two", other)).ErrorCode);
    }

    [AzureFact]
    public async Task A_name_is_switched_by_its_record_and_only_by_whoever_saw_it_last()
    {
        await Azure.DoAsync("PUT", "Microsoft.Network/privateDnsZones/internal.example", new JsonObject { ["location"] = "global" });
        var made = await Azure.SendAsync("PUT", Record, Address("10.1.0.10", 5));
        Assert.Equal(201, made.Status);
        Assert.Equal("redis.internal.example.", made.Body!["properties"]!["fqdn"]!.GetValue<string>());
        var seen = made.Body!["etag"]!.GetValue<string>();
        var switched = await Azure.SendAsync("PUT", Record, Address("10.1.0.20", 5), ("If-Match", seen));
        Assert.Equal(200, switched.Status);
        var late = await Azure.SendAsync("PUT", Record, Address("10.1.0.30", 5), ("If-Match", seen));
        Assert.Equal((412, "PreconditionFailed"), (late.Status, late.ErrorCode));
        Assert.Equal("10.1.0.20", (await Azure.GetAsync(Record))!["properties"]!["aRecords"]![0]!["ipv4Address"]!.GetValue<string>());
        var alias = new JsonObject { ["properties"] = new JsonObject { ["ttl"] = 5, ["cnameRecord"] = new JsonObject { ["cname"] = "other" } } };
        Assert.Equal("BadRequest", (await Azure.SendAsync("PUT", Record.Replace("/A/", "/CNAME/", StringComparison.Ordinal), alias)).ErrorCode);
    }

    private static JsonObject Address(string address, int ttl) =>
        new() { ["properties"] = new JsonObject { ["ttl"] = ttl, ["aRecords"] = new JsonArray(new JsonObject { ["ipv4Address"] = address }) } };

    private JsonObject Body()
    {
        var frontend = new JsonObject { ["name"] = "private", ["properties"] = new JsonObject { ["subnet"] = new JsonObject { ["id"] = Azure.Id("Microsoft.Network/virtualNetworks/net/subnets/main") } } };
        var properties = new JsonObject { ["frontendIPConfigurations"] = new JsonArray(frontend), ["backendAddressPools"] = new JsonArray(new JsonObject { ["name"] = "members" }) };
        return new JsonObject { ["location"] = Location, ["sku"] = new JsonObject { ["name"] = "Standard" }, ["properties"] = properties };
    }

    private JsonObject Members(string address)
    {
        var member = new JsonObject { ["name"] = "one", ["properties"] = new JsonObject { ["ipAddress"] = address, ["virtualNetwork"] = new JsonObject { ["id"] = Azure.Id("Microsoft.Network/virtualNetworks/net") } } };
        return new JsonObject { ["properties"] = new JsonObject { ["loadBalancerBackendAddresses"] = new JsonArray(member) } };
    }

    private JsonObject Interface(string? pool)
    {
        var properties = new JsonObject { ["subnet"] = new JsonObject { ["id"] = Azure.Id("Microsoft.Network/virtualNetworks/net/subnets/main") } };
        if (pool is not null)
        {
            properties["loadBalancerBackendAddressPools"] = new JsonArray(new JsonObject { ["id"] = pool });
        }

        return new JsonObject { ["location"] = Location, ["properties"] = new JsonObject { ["ipConfigurations"] = new JsonArray(new JsonObject { ["name"] = "main", ["properties"] = properties }) } };
    }

    private async Task<IEnumerable<string>> AddressesAsync() => ((await Azure.GetAsync(Pool))!["properties"]!["loadBalancerBackendAddresses"]?.AsArray() ?? [])
        .Select(member => member!["properties"]!["ipAddress"]!.GetValue<string>());
}
