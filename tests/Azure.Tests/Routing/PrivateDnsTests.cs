using System.Text.Json.Nodes;
using StatefulDeploy.Azure.Dns;
using StatefulDeploy.Azure.Tests.Stage;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Harness.Azure.Faults;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Tests.Routing;

/// <summary>Traffic is switched by a record of a private DNS zone.</summary>
public sealed class PrivateDnsTests : ServiceTest
{
    private const string Record = "Microsoft.Network/privateDnsZones/orders.internal/A/writer";

    [AzureFact]
    public async Task The_record_goes_to_green_and_back()
    {
        await StageAsync();
        await using var router = Router();
        Assert.Empty(await router.InspectAsync(Context(Service()), default));
        await router.RouteReadsAsync(Targets("10.1.0.5"), 1, default);
        await router.SwitchAsync(Targets("10.1.0.5"), 1, default);
        Assert.Equal("10.1.0.5", (await router.GetStatusAsync(default)).WriteTarget);
        await router.SwitchAsync(Targets("10.1.0.4"), 2, default);
        Assert.Equal("10.1.0.4", (await router.GetStatusAsync(default)).WriteTarget);
        Assert.Equal(2, Changes().Count);
    }

    [AzureFact]
    public async Task A_record_that_somebody_changed_meanwhile_is_read_again()
    {
        await StageAsync();
        using var colleague = Simulator.Caller("service");
        Simulator.Faults.Inject(new Fault(FaultName.Colleague)
        {
            Resource = "writer",
            Method = "PUT",
            Act = () => colleague.DoAsync("PATCH", Record, JsonNode.Parse("""{"properties":{"metadata":{"owner":"them"}}}""")),
        });
        await using var router = Router();
        await router.SwitchAsync(Targets("10.1.0.5"), 1, default);
        var record = (await Azure.GetAsync(Record))!["properties"]!;
        Assert.Equal("10.1.0.5", record["aRecords"]![0]!["ipv4Address"]!.GetValue<string>());
        Assert.Equal("them", record["metadata"]!["owner"]!.GetValue<string>());
    }

    [AzureFact]
    public async Task A_record_that_lives_longer_than_the_plan_says_is_refused()
    {
        await StageAsync(ttl: 300);
        await using var router = Router();
        var finding = Assert.Single(await router.InspectAsync(Context(Service()), default));
        Assert.Equal("RecordTtl", finding.Code);
        Assert.Contains("300 s", finding.Message, StringComparison.Ordinal);
    }

    [AzureFact]
    public async Task The_time_to_live_is_in_the_expected_gap()
    {
        await using var router = Router(ttl: "60");
        Assert.Equal(TimeSpan.FromSeconds(65), router.Promise.ExpectedGap);
    }

    private static RouterTargets Targets(string address) => new(new Dictionary<string, NodeEndpoint>(StringComparer.Ordinal) { ["main"] = new(address, 6379) });

    private AzurePrivateDnsRouter Router(string ttl = "10")
    {
        var service = Service();
        service = service with
        {
            Router = new RouterDescription(AzurePrivateDnsRouter.KindName, NodeEndpoint.Parse("writer.orders.internal:6379"), string.Empty,
                new Dictionary<string, string>(StringComparer.Ordinal) { ["zone"] = "orders.internal", ["record"] = "writer", ["ttl"] = ttl }),
        };
        return new AzurePrivateDnsRouter(service, () => Open(service));
    }

    private async Task StageAsync(int ttl = 10)
    {
        await Azure.DoAsync("PUT", "Microsoft.Network/privateDnsZones/orders.internal", new JsonObject { ["location"] = "global" });
        await Azure.DoAsync("PUT", Record, new JsonObject { ["properties"] = new JsonObject { ["ttl"] = ttl, ["aRecords"] = new JsonArray(new JsonObject { ["ipv4Address"] = "10.1.0.4" }) } });
    }
}
