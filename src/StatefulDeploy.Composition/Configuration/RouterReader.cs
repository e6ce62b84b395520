using System.Text;
using StatefulDeploy.Model;

namespace StatefulDeploy.Composition.Configuration;

/// <summary>Reads the routers of a service: one, or one of each shard.</summary>
/// <param name="kinds">The kinds of routers that there are.</param>
/// <param name="hosts">The hosts that the service file describes.</param>
/// <param name="nodes">The nodes whose endpoints are taken.</param>
internal sealed class RouterReader(IReadOnlyList<string> kinds, IReadOnlyDictionary<string, HostDescription> hosts, IReadOnlyList<Node> nodes)
{
    // The others are not ours, and can have more than one process.
    private const string OurOwn = "gateway";

    // The kernel's sun_path has 108 bytes with the terminating zero.
    private const int LongestSocket = 107;

    private readonly HashSet<NodeEndpoint> _listen = [];
    private readonly HashSet<string> _admin = new(StringComparer.Ordinal);

    /// <summary>Reads one; <paramref name="state"/> is the folder of its control address when the file names none.</summary>
    public RouterDescription Read(YamlSection section, string state)
    {
        var kind = section.Required("kind").OneOf(kinds.ToDictionary(name => name, StringComparer.Ordinal));
        var listen = section.Required("listen");
        if (nodes.FirstOrDefault(node => node.Endpoint == listen.Endpoint()) is { } node)
            throw listen.Place.Error("DuplicateEndpoint", $"The router listens where the node '{node.Name}' does.", "Give the router an endpoint of its own; clients connect to it instead of to a node.");

        if (!_listen.Add(listen.Endpoint()))
            throw listen.Place.Error("DuplicateEndpoint", $"Two routers listen on {listen.Endpoint()}.", "Give the router of every shard an endpoint of its own.");

        var admin = Admin(section, state);
        if (!_admin.Add(admin))
            throw section["admin"]!.Place.Error("DuplicateEndpoint", $"Two routers are controlled at '{admin}'.", "Give the router of every shard a control address of its own, or leave 'admin' out.");

        var settings = section["settings"]?.TextByName() ?? new Dictionary<string, string>(StringComparer.Ordinal);
        return new RouterDescription(kind, listen.Endpoint(), admin, settings) { Instances = Instances(section, kind, settings) };
    }

    private static string Admin(YamlSection section, string state) =>
        section["admin"] is { } admin ? Address(admin) : Socket(Path.Combine(state, "gateway.sock"), section.Place);

    private static string Address(YamlValue admin) => !admin.Text().Contains('/', StringComparison.Ordinal) && admin.Text().Contains(':', StringComparison.Ordinal)
        ? admin.Endpoint().ToString()
        : Socket(admin.FullPath(), admin.Place);

    private static string Socket(string path, YamlPlace place) => Encoding.UTF8.GetByteCount(path) <= LongestSocket
        ? path
        : throw place.Error("InvalidValue", $"The path of the admin socket is longer than {LongestSocket} bytes: {path}", "Set 'admin' to a shorter path.");

    private List<RouterInstance> Instances(YamlSection section, string kind, IReadOnlyDictionary<string, string> shared)
    {
        if (section["instances"] is not { } list)
            return [];
        if (kind == OurOwn)
            throw list.Place.Error("InvalidValue", "A gateway is one process.", "Remove 'instances'.");

        var read = new List<RouterInstance>();
        foreach (var item in list.Items().Select(item => item.Section(SectionKeys.RouterInstance)))
        {
            var admin = item.Required("admin");
            if (read.Exists(other => other.Admin == Address(admin)))
                throw admin.Place.Error("DuplicateEndpoint", $"Two instances of the router have the admin address {Address(admin)}.", "Give every instance an address of its own.");

            var own = item["settings"]?.TextByName() ?? new Dictionary<string, string>(StringComparer.Ordinal);
            read.Add(new RouterInstance(Address(admin), Host(item["host"]), shared.Where(pair => !own.ContainsKey(pair.Key)).Concat(own).ToDictionary(StringComparer.Ordinal)));
        }

        return read.Count > 0 ? read : throw list.Place.Error("EmptyValue", "There is no instance in the list.", "Describe at least one, or remove 'instances'.");
    }

    private string Host(YamlValue? host) => host is null || host.Text() == "local"
        ? "local"
        : hosts.ContainsKey(host.Text()) ? host.Text() : throw host.Place.Error(
            "UnknownHost", $"There is no host '{host.Text()}'.{NearestName.Question(host.Text(), hosts.Keys)}", "Describe it under 'hosts', or use 'local', which is this machine.");
}
