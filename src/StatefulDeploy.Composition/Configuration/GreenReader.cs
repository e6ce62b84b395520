using StatefulDeploy.Model;

namespace StatefulDeploy.Composition.Configuration;

/// <summary>Reads how green is to look, and sees that it fits to blue.</summary>
internal static class GreenReader
{
    public static GreenDescription Read(YamlSection service, IReadOnlyList<Shard> blue, IReadOnlyDictionary<string, HostDescription> hosts)
    {
        if (service["green"] is not { } value)
            return new GreenDescription();

        var section = value.Section(SectionKeys.Green);
        var version = section["version"]?.Text();
        var shards = new ClusterReader(ClusterColour.Green, version ?? string.Empty, hosts).Read(section);
        var taken = blue.SelectMany(shard => shard.Nodes).Select(node => node.Endpoint).ToHashSet();
        if (shards.SelectMany(shard => shard.Nodes).FirstOrDefault(node => taken.Contains(node.Endpoint)) is { } clash)
            throw value.Place.Error("DuplicateEndpoint", $"The green node '{clash.Name}' has the endpoint {clash.Endpoint} of a blue one.", "Give green endpoints of its own.");

        RequireShardsOf(blue, shards, section);
        return new GreenDescription
        {
            Version = version,
            Shards = shards,
            DataRoot = section["dataRoot"]?.FullPath(),
            BasePort = section["basePort"]?.Number(1, 65535),
            Settings = section["settings"]?.TextByName() ?? new Dictionary<string, string>(StringComparer.Ordinal),
        };
    }

    // Nothing moves keys from shard to shard.
    private static void RequireShardsOf(IReadOnlyList<Shard> blue, IReadOnlyList<Shard> green, YamlSection section)
    {
        foreach (var item in section["shards"]?.Items() ?? [])
        {
            if (item.Section(SectionKeys.Shard)["router"] is { } router)
                throw router.Place.Error("ConflictingKeys", "Green is reached by the router of blue's shard.", "Describe the router in the shard of the service, not in green's.");
        }

        if (green.Count == 0 || blue.Select(shard => shard.Name).Order(StringComparer.Ordinal).SequenceEqual(green.Select(shard => shard.Name).Order(StringComparer.Ordinal)))
            return;

        throw (section["shards"] ?? section["nodes"]!).Place.Error(
            "ShardsDiffer",
            $"Green has the shard(s) {string.Join(", ", green.Select(shard => shard.Name))}, and blue {string.Join(", ", blue.Select(shard => shard.Name))}: keys are not moved between shards.",
            "Describe green with the shards of blue; the nodes of a shard can be others, and more or fewer.");
    }
}
