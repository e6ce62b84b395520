using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using StatefulDeploy.Azure.Arm;

namespace StatefulDeploy.Azure.Machines;

/// <summary>What sizes of machines there are in a region for this subscription. The list is long: it is read once a run.</summary>
internal sealed class SizeCatalog(ArmClient client, string subscription)
{
    private const string Type = "Microsoft.Compute/skus";

    private readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlyDictionary<string, MachineSize>>>> _regions = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A size in a region; null when the region does not have it.</summary>
    public async Task<MachineSize?> FindAsync(string region, string size, CancellationToken cancellationToken)
    {
        var lazy = _regions.GetOrAdd(region, name => new(() => ReadAsync(name, cancellationToken)));
        try
        {
            return (await lazy.Value).GetValueOrDefault(size);
        }
        catch
        {
            // What failed once is asked for anew.
            _regions.TryRemove(new(region, lazy));
            throw;
        }
    }

    private async Task<IReadOnlyDictionary<string, MachineSize>> ReadAsync(string region, CancellationToken cancellationToken)
    {
        var filter = "$filter=" + Uri.EscapeDataString($"location eq '{region}'");
        var rows = await client.ListAsync($"/subscriptions/{subscription}/providers/{Type}", Type, cancellationToken, filter);
        return rows.Where(row => row.Text("resourceType") == "virtualMachines")
            .GroupBy(row => row.Text("name") ?? string.Empty, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => Read(group.First(), region), StringComparer.OrdinalIgnoreCase);
    }

    private static MachineSize Read(JsonObject row, string region)
    {
        var capabilities = row.Objects("capabilities").Where(one => one.Text("name") is not null)
            .GroupBy(one => one.Text("name")!, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.First().Text("value") ?? string.Empty, StringComparer.OrdinalIgnoreCase);
        var here = row.Objects("locationInfo").FirstOrDefault(info => string.Equals(info.Text("location"), region, StringComparison.OrdinalIgnoreCase));
        var ultraZones = here.Objects("zoneDetails").Where(detail => detail.Objects("capabilities").Any(one => one.Text("name") == "UltraSSDAvailable" && IsTrue(one.Text("value"))))
            .SelectMany(detail => Texts(detail, "name")).ToHashSet(StringComparer.Ordinal);
        return new MachineSize
        {
            Name = row.Text("name") ?? string.Empty,
            Family = row.Text("family") ?? string.Empty,
            Processors = Number(capabilities, "vCPUs") ?? 0,
            MaxDataDisks = Number(capabilities, "MaxDataDiskCount"),
            Zones = [.. Texts(here, "zones")],
            UltraZones = ultraZones,
            UltraWithoutZone = IsTrue(capabilities.GetValueOrDefault("UltraSSDAvailable")),
            PremiumStorage = !capabilities.TryGetValue("PremiumIO", out var premium) || IsTrue(premium),
            AcceleratedNetworking = !capabilities.TryGetValue("AcceleratedNetworkingEnabled", out var fast) || IsTrue(fast),
            Restrictions = [.. row.Objects("restrictions").Select(one => new SizeRestriction(one.Text("type") == "Zone", [.. Texts(one["restrictionInfo"], "zones")], one.Text("reasonCode") ?? string.Empty))],
        };
    }

    private static bool IsTrue(string? text) => string.Equals(text, "True", StringComparison.OrdinalIgnoreCase);

    private static int? Number(Dictionary<string, string> capabilities, string name) =>
        capabilities.TryGetValue(name, out var text) && int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static IEnumerable<string> Texts(JsonNode? node, string name) =>
        node.At(name) is JsonArray list ? list.Select(item => item!.GetValue<string>()) : [];
}
