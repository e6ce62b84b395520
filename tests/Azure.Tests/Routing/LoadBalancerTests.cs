using System.Text.Json.Nodes;
using StatefulDeploy.Azure.LoadBalancing;
using StatefulDeploy.Azure.Tests.Stage;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Harness.Azure.Faults;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Tests.Routing;

/// <summary>Traffic is switched at an Azure Load Balancer, whose members come by network interface or by address.</summary>
public sealed class LoadBalancerTests : ServiceTest
{
    private const string Balancer = "Microsoft.Network/loadBalancers/orders-lb";

    [AzureTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_pool_goes_to_green_and_back(bool byAddress)
    {
        await StageAsync(byAddress);
        await using var router = Router();
        Assert.Empty(await InspectAsync(router));
        await router.PrepareAsync(Green, 1, default);
        await router.HoldAsync(Limits, 1, default);
        await router.RouteReadsAsync(Green, 1, default);
        Assert.Equal("10.1.0.5", (await router.GetStatusAsync(default)).WriteTarget);
        await router.SwitchAsync(Green, 1, default);
        await router.SwitchAsync(Blue, 2, default);
        var status = await router.GetStatusAsync(default);
        Assert.Equal(("10.1.0.4", 2L, false), (status.WriteTarget, status.Epoch, status.Holding));
    }

    [AzureFact]
    public async Task An_older_epoch_is_refused()
    {
        await StageAsync(byAddress: true);
        await using var router = Router();
        await router.SwitchAsync(Green, 5, default);
        Assert.Equal(FailureCategory.StaleEpoch, (await Assert.ThrowsAsync<UpgradeException>(() => router.SwitchAsync(Blue, 4, default))).Category);
        Assert.Equal("10.1.0.5", (await router.GetStatusAsync(default)).WriteTarget);
    }

    [AzureTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_member_of_somebody_else_that_comes_meanwhile_stays(bool byAddress)
    {
        await StageAsync(byAddress);
        await Azure.MakeMachineAsync("theirs");
        using var colleague = Simulator.Caller("service");
        Simulator.Faults.Inject(new Fault(FaultName.Colleague) { Resource = byAddress ? "writer" : "green-nic", Method = "PUT", Act = JoinAsync });
        await using var router = Router();

        await router.SwitchAsync(Green, 1, default);

        Assert.Equal(1, Simulator.Faults.Count(FaultName.Colleague));
        Assert.Equal(["10.1.0.5", "10.1.0.6"], (await router.GetStatusAsync(default)).WriteTarget.Split(", ").Order(StringComparer.Ordinal));

        async Task JoinAsync()
        {
            var resource = byAddress ? $"{Balancer}/backendAddressPools/writer" : "Microsoft.Network/networkInterfaces/theirs-nic";
            var body = (await colleague.GetAsync(resource))!;
            if (byAddress)
                body["properties"]!["loadBalancerBackendAddresses"]!.AsArray().Add(Address("10.1.0.6"));
            else
                Join(body);
            await colleague.DoAsync("PUT", resource, body);
        }
    }

    [AzureFact]
    public async Task A_change_that_is_superseded_is_made_again()
    {
        await StageAsync(byAddress: true);
        Simulator.Faults.Inject(new Fault(FaultName.Superseded) { Resource = "orders-lb" });
        await using var router = Router();
        await router.SwitchAsync(Green, 1, default);
        Assert.Equal(1, Simulator.Faults.Count(FaultName.Superseded));
        Assert.Equal("10.1.0.5", (await router.GetStatusAsync(default)).WriteTarget);
    }

    [AzureFact]
    public async Task A_pool_that_is_not_the_writer_s_alone_is_refused()
    {
        await StageAsync(byAddress: true, "10.1.0.4", "10.1.0.6");
        await using var router = Router();
        var finding = Assert.Single(await InspectAsync(router), finding => finding.Severity == FindingSeverity.Refuse);
        Assert.Equal("PoolMembers", finding.Code);
        Assert.Contains("10.1.0.6", finding.Message, StringComparison.Ordinal);
    }

    [AzureFact]
    public async Task A_pool_that_is_not_there_is_refused_with_those_that_are()
    {
        await StageAsync(byAddress: true);
        await using var router = Router("writers");
        var finding = Assert.Single(await InspectAsync(router));
        Assert.Equal("PoolNotFound", finding.Code);
        Assert.Contains("writer", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void The_promise_says_that_nothing_is_held_and_no_flow_is_promised_to_end()
    {
        var promise = new AzureLoadBalancerRouter(Placeholder).Promise;
        Assert.False(promise.HoldsWrites);
        Assert.False(promise.KeepsConnections);
        Assert.Contains("not promised", promise.Note, StringComparison.Ordinal);
    }

    private static RouterTargets Blue => Targets("10.1.0.4");

    private static RouterTargets Green => Targets("10.1.0.5");

    private static HoldLimits Limits => new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10), 1 << 20, TimeSpan.FromSeconds(2));

    private static ServiceDescription Placeholder => new()
    {
        Name = "orders",
        Path = "/orders.yaml",
        Engine = "redis",
        Blue = new ClusterLayout(ClusterColour.Blue, "7.0", []),
        Router = new RouterDescription(AzureLoadBalancerRouter.KindName, NodeEndpoint.Parse("10.1.0.100:6379"), string.Empty, new Dictionary<string, string>(StringComparer.Ordinal)),
        StateDirectory = "/state",
        GuardDirectory = "/guard",
    };

    private static RouterTargets Targets(string address) => new(new Dictionary<string, NodeEndpoint>(StringComparer.Ordinal) { ["main"] = new(address, 6379) });

    private AzureLoadBalancerRouter Router(string pool = "writer")
    {
        var service = Service() with
        {
            Router = Placeholder.Router with { Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["loadBalancer"] = "orders-lb", ["pool"] = pool } },
        };
        return new AzureLoadBalancerRouter(service, () => Open(service));
    }

    private async Task<IReadOnlyList<Finding>> InspectAsync(AzureLoadBalancerRouter router)
    {
        var findings = await router.InspectAsync(Context(Service()), default);
        return [.. findings.Where(finding => finding.Severity != FindingSeverity.Info)];
    }

    private async Task StageAsync(bool byAddress, params string[] members)
    {
        await Azure.MakeMachineAsync("blue");
        await Azure.MakeMachineAsync("green");
        string[] addresses = members.Length > 0 ? members : ["10.1.0.4"];
        var pool = new JsonObject { ["name"] = "writer" };
        if (byAddress)
            pool["properties"] = new JsonObject { ["loadBalancerBackendAddresses"] = new JsonArray([.. addresses.Select(Address)]) };
        var part = $"{Azure.Id(Balancer)}";
        await Azure.DoAsync("PUT", Balancer, new JsonObject
        {
            ["location"] = AzureStage.Location,
            ["sku"] = new JsonObject { ["name"] = "Standard" },
            ["properties"] = new JsonObject
            {
                ["frontendIPConfigurations"] = new JsonArray(JsonNode.Parse($$$"""{"name":"front","properties":{"privateIPAddress":"10.1.0.100","privateIPAllocationMethod":"Static","subnet":{"id":"{{{Azure.Id("Microsoft.Network/virtualNetworks/net/subnets/main")}}}"} } }""")),
                ["backendAddressPools"] = new JsonArray(pool),
                ["probes"] = new JsonArray(JsonNode.Parse("""{"name":"engine","properties":{"protocol":"Tcp","port":6379,"intervalInSeconds":5,"probeThreshold":2,"numberOfProbes":1}}""")),
                ["loadBalancingRules"] = new JsonArray(JsonNode.Parse($$$"""
                    {"name":"write","properties":{"protocol":"Tcp","frontendPort":6379,"backendPort":6379,"frontendIPConfiguration":{"id":"{{{part}}}/frontendIPConfigurations/front"},
                    "backendAddressPool":{"id":"{{{part}}}/backendAddressPools/writer"},"probe":{"id":"{{{part}}}/probes/engine"} } }
                    """)),
            },
        });
        if (!byAddress)
        {
            var nic = (await Azure.GetAsync("Microsoft.Network/networkInterfaces/blue-nic"))!;
            Join(nic);
            await Azure.DoAsync("PUT", "Microsoft.Network/networkInterfaces/blue-nic", nic);
        }
    }

    private void Join(JsonObject nic) =>
        nic["properties"]!["ipConfigurations"]![0]!["properties"]!["loadBalancerBackendAddressPools"] = new JsonArray(new JsonObject { ["id"] = Azure.Id($"{Balancer}/backendAddressPools/writer") });

    private JsonObject Address(string address) => new()
    {
        ["name"] = address.Replace('.', '-'),
        ["properties"] = new JsonObject { ["ipAddress"] = address, ["virtualNetwork"] = new JsonObject { ["id"] = Azure.Id("Microsoft.Network/virtualNetworks/net") } },
    };
}
