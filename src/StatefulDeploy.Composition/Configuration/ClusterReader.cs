using StatefulDeploy.Model;

namespace StatefulDeploy.Composition.Configuration;

/// <summary>Reads the shards and nodes of one cluster: <c>nodes</c> for one shard, <c>shards</c> for more.</summary>
internal sealed class ClusterReader(ClusterColour colour, string version, IReadOnlyDictionary<string, HostDescription> hosts)
{
    /// <summary>The name of the shard of a cluster that is described by <c>nodes</c> alone.</summary>
    private const string OnlyShard = "main";

    private static readonly Dictionary<string, NodeRole> Roles = new(StringComparer.Ordinal) { ["primary"] = NodeRole.Primary, ["replica"] = NodeRole.Replica };

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<NodeEndpoint> _endpoints = [];

    /// <summary>The shards of a section with <c>nodes</c> or <c>shards</c>; empty when it has neither.</summary>
    public IReadOnlyList<Shard> Read(YamlSection section)
    {
        section.AtMostOneOf("nodes", "shards");
        if (section["nodes"] is { } nodes)
            return [new Shard(OnlyShard, ReadNodes(nodes))];
        return section["shards"] is { } shards ? ReadShards(shards) : [];
    }

    private List<Shard> ReadShards(YamlValue shards)
    {
        var read = new List<Shard>();
        foreach (var item in AtLeastOne(shards, "shard"))
        {
            var section = item.Section(SectionKeys.Shard);
            var name = section.Required("name").Text();
            if (read.Exists(shard => shard.Name == name))
                throw section.Required("name").Place.Error("DuplicateName", $"There are two shards '{name}'.", "Give every shard a name of its own.");
            read.Add(new Shard(name, ReadNodes(section.Required("nodes"))));
        }

        return read;
    }

    private List<Node> ReadNodes(YamlValue nodes)
    {
        var items = AtLeastOne(nodes, "node");
        var read = items.Select(item => ReadNode(item.Section(SectionKeys.Node), alone: items.Count == 1)).ToList();
        var primaries = read.Where(node => node.Role == NodeRole.Primary).Select(node => node.Name).ToList();
        return primaries.Count switch
        {
            1 => read,
            0 => throw nodes.Place.Error("NoPrimary", "No node is the primary.", "Set 'role: primary' on the node that accepts writes."),
            _ => throw nodes.Place.Error("ManyPrimaries", $"More than one node is the primary: {string.Join(", ", primaries)}.", "A shard has one primary; set 'role: replica' on the others, or describe shards."),
        };
    }

    private Node ReadNode(YamlSection section, bool alone)
    {
        var name = section.Required("name");
        if (!_names.Add(name.Text()))
            throw name.Place.Error("DuplicateName", $"There are two nodes '{name.Text()}'.", "Give every node of a cluster a name of its own.");

        var endpoint = section.Required("endpoint");
        if (!_endpoints.Add(endpoint.Endpoint()))
            throw endpoint.Place.Error("DuplicateEndpoint", $"Two nodes have the endpoint {endpoint.Endpoint()}.", "Give every node an endpoint of its own.");

        return new Node
        {
            Name = name.Text(),
            Endpoint = endpoint.Endpoint(),
            Role = section["role"]?.OneOf(Roles) ?? (alone ? NodeRole.Primary : NodeRole.Replica),
            Host = ReadHost(section["host"]),
            Version = version,
            DataDirectory = section["dataDirectory"]?.FullPath(),
            ConfigFile = section["configFile"]?.FullPath(),
            Volume = ReadVolume(section["volume"]),
            Start = section["start"] is { } start ? CommandLine.Read(start) : [],
            Stop = section["stop"] is { } stop ? CommandLine.Read(stop) : [],
            Colour = colour,
            Settings = section["settings"]?.TextByName() ?? new Dictionary<string, string>(StringComparer.Ordinal),
        };
    }

    private string? ReadVolume(YamlValue? volume) => volume is not null && colour == ClusterColour.Blue
        ? throw volume.Place.Error("ConflictingKeys", "'volume' says which volume brings a node of green its data.", "Describe the volume of a node of blue under 'volumes', with 'node'.")
        : volume?.Text();

    private string ReadHost(YamlValue? host)
    {
        if (host is null || host.Text() == "local")
            return "local";

        return hosts.ContainsKey(host.Text()) ? host.Text() : throw host.Place.Error(
            "UnknownHost", $"There is no host '{host.Text()}'.{NearestName.Question(host.Text(), hosts.Keys)}", "Describe it under 'hosts', or use 'local', which is this machine.");
    }

    private static IReadOnlyList<YamlValue> AtLeastOne(YamlValue list, string what) => list.Items() is { Count: > 0 } items
        ? items
        : throw list.Place.Error("EmptyValue", $"There is no {what} in the list.", $"Describe at least one {what}.");
}
