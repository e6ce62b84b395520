using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Compute;

/// <summary>What may be had: the sizes of machines, and the quota.</summary>
/// <param name="cloud">Where.</param>
internal sealed class Capacity(AzureCloud cloud)
{
    public void Add(ArmRoutes routes)
    {
        routes.On("GET", "Microsoft.Compute/skus", Skus);
        routes.On("GET", "Microsoft.Compute/locations/*/usages", Usages);
    }

    private ArmAnswer Skus(ArmCall call)
    {
        var location = call.Request.Query.GetValueOrDefault("$filter") is { } filter && filter.Split('\'') is [_, var named, ..] ? named : "eastus2";
        return Pages.Of(cloud, call, cloud.Options.Sizes.Select(size => Sku(size, location)));
    }

    private static JsonObject Sku(MachineSize size, string location)
    {
        var capabilities = new (string Name, string Value)[]
        {
            ("vCPUs", FormattableString.Invariant($"{size.Cores}")),
            ("MemoryGB", FormattableString.Invariant($"{size.MemoryGB}")),
            ("MaxDataDiskCount", FormattableString.Invariant($"{size.MaxDataDisks}")),
            ("PremiumIO", size.Premium ? "True" : "False"),
            ("DiskControllerTypes", size.Controllers),
            ("HyperVGenerations", "V1,V2"),
            ("AcceleratedNetworkingEnabled", "True"),
            ("MaxNetworkInterfaces", "2"),
            ("EncryptionAtHostSupported", "True"),
        };
        var inZones = new JsonObject
        {
            ["location"] = location,
            ["zones"] = Json.Array(size.Zones),
            ["zoneDetails"] = size.Ultra
                ? new JsonArray(new JsonObject { ["name"] = Json.Array(size.Zones), ["capabilities"] = new JsonArray(new JsonObject { ["name"] = "UltraSSDAvailable", ["value"] = "True" }) })
                : new JsonArray(),
        };
        return new JsonObject
        {
            ["resourceType"] = "virtualMachines",
            ["name"] = size.Name,
            ["tier"] = "Standard",
            ["size"] = size.Name["Standard_".Length..],
            ["family"] = size.Family,
            ["locations"] = Json.Array([location]),
            ["locationInfo"] = new JsonArray(inZones),
            ["capabilities"] = new JsonArray([.. capabilities.Select(one => new JsonObject { ["name"] = one.Name, ["value"] = one.Value })]),
            ["restrictions"] = size.Restricted
                ? new JsonArray(new JsonObject
                {
                    ["type"] = "Location",
                    ["values"] = Json.Array([location]),
                    ["restrictionInfo"] = new JsonObject { ["locations"] = Json.Array([location]) },
                    ["reasonCode"] = "NotAvailableForSubscription",
                })
                : new JsonArray(),
        };
    }

    private ArmAnswer Usages(ArmCall call)
    {
        var location = call.Request.Target.Segments[1];
        var families = cloud.Options.Sizes.Select(size => size.Family).Distinct(StringComparer.Ordinal);
        var all = families.Select(family => Usage(family, $"{family} vCPUs", CapacityRules.Used(cloud, location, family)))
            .Prepend(Usage("cores", "Total Regional vCPUs", CapacityRules.Used(cloud, location)));
        return Pages.Of(cloud, call, all);
    }

    private JsonObject Usage(string name, string words, int used) => new()
    {
        ["unit"] = "Count",
        ["currentValue"] = used,
        ["limit"] = cloud.Options.RegionalCores,
        ["name"] = new JsonObject { ["value"] = name, ["localizedValue"] = words },
    };
}
