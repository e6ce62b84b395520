using System.Globalization;
using System.Text.Json.Nodes;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Machines;

/// <summary>Whether a region has, and the subscription may have, the machines that are to be made.</summary>
internal sealed class CapacityRules(AzureService azure)
{
    // The quotas of learn.microsoft.com/azure/virtual-machines/quotas: of a family, of all families, of machines.
    private const string AllProcessors = "cores";
    private const string AllMachines = "virtualMachines";

    /// <summary>What stands against making machines.</summary>
    /// <param name="machines">What will be sent to make each, by its name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<Finding>> InspectAsync(IReadOnlyDictionary<string, JsonObject> machines, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        foreach (var region in machines.GroupBy(one => one.Value.Text("location") ?? string.Empty, StringComparer.OrdinalIgnoreCase))
        {
            var sizes = new List<MachineSize>();
            foreach (var (name, body) in region)
            {
                var wanted = body.Text("properties", "hardwareProfile", "vmSize") ?? string.Empty;
                if (await azure.Sizes.FindAsync(region.Key, wanted, cancellationToken) is not { } size)
                {
                    findings.Add(Finding.Refuse("SizeNotInRegion", name, $"The region {region.Key} has no size '{wanted}'.", "Choose another size under azure.green.size."));
                    continue;
                }

                sizes.Add(size);
                findings.AddRange(Size(name, body, size));
            }

            findings.AddRange(Quota(region.Key, sizes, await UsagesAsync(region.Key, cancellationToken)));
        }

        return findings;
    }

    /// <summary>What is used of each quota of a region, by the quota's name.</summary>
    public async Task<IReadOnlyDictionary<string, (long Used, long Limit)>> UsagesAsync(string region, CancellationToken cancellationToken)
    {
        var path = $"/subscriptions/{azure.Azure.Subscription}/providers/Microsoft.Compute/locations/{region}/usages";
        var rows = await azure.Client.ListAsync(path, "Microsoft.Compute/locations/usages", cancellationToken);
        return rows.GroupBy(row => row.Text("name", "value") ?? string.Empty, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => ((long)(group.First().Number("currentValue") ?? 0), (long)(group.First().Number("limit") ?? 0)), StringComparer.OrdinalIgnoreCase);
    }

    private static IEnumerable<Finding> Size(string name, JsonObject body, MachineSize size)
    {
        var zone = body["zones"] is JsonArray { Count: > 0 } zones ? zones[0]!.GetValue<string>() : null;
        if (size.RestrictionIn(zone) is { } reason)
            yield return Finding.Refuse("SizeRestricted", name, $"The subscription may not use the size {size.Name}{(zone is null ? string.Empty : $" in zone {zone}")}: {reason}.", "Choose another size or zone, or ask for this one (a support request for the quota).");
        if (zone is not null && size.Zones.Count > 0 && !size.Zones.Contains(zone, StringComparer.Ordinal))
            yield return Finding.Refuse("SizeNotInZone", name, $"Zone {zone} has no size {size.Name}; zones {string.Join(", ", size.Zones.Order(StringComparer.Ordinal))} have it.", "Choose another size under azure.green.size.");
        if (body.Flag("properties", "additionalCapabilities", "ultraSSDEnabled") && !(zone is null ? size.UltraWithoutZone : size.UltraZones.Contains(zone)))
            yield return Finding.Refuse("UltraNotSupported", name, $"The size {size.Name} cannot have Ultra disks {(zone is null ? "without a zone" : $"in zone {zone}")}.", "Choose another size, or one without Ultra disks.");
    }

    private static IEnumerable<Finding> Quota(string region, IReadOnlyCollection<MachineSize> sizes, IReadOnlyDictionary<string, (long Used, long Limit)> usages)
    {
        var wanted = sizes.GroupBy(size => size.Family, StringComparer.OrdinalIgnoreCase).Select(group => (Name: group.Key, Count: (long)group.Sum(size => size.Processors)))
            .Append((AllProcessors, sizes.Sum(size => size.Processors))).Append((AllMachines, sizes.Count));
        foreach (var (name, count) in wanted)
        {
            if (usages.TryGetValue(name, out var usage) && usage.Used + count > usage.Limit)
                yield return Finding.Refuse("QuotaExceeded", region, string.Create(CultureInfo.InvariantCulture, $"Green needs {count} of the quota '{name}' in {region}; {usage.Limit - usage.Used} of {usage.Limit} are left."), "Ask for a higher quota, choose a smaller size under azure.green.size, or remove what nobody needs.");
        }
    }
}
