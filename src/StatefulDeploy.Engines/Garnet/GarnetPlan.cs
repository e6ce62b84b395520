using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>The shape of green.</summary>
internal static class GarnetPlan
{
    /// <summary>The described shape with its gaps filled, or blue's with ports and folders of its own.</summary>
    public static async Task<ClusterLayout> MakeAsync(ServiceDescription service, string version, IHostDirectory hosts, CancellationToken cancellationToken)
    {
        GarnetVersion wanted = GarnetVersion.Parse(version);
        IReadOnlyList<Shard> shapes = service.Green.Shards.Count > 0 ? service.Green.Shards : service.Blue.Shards;
        bool derived = service.Green.Shards.Count == 0;
        HashSet<int> taken = [];
        List<Shard> shards = [];
        foreach (Shard shape in shapes)
        {
            List<Node> nodes = [];
            foreach (Node node in shape.Nodes)
            {
                nodes.Add(await MakeNodeAsync(service, node, wanted.ToString(), derived, hosts[node.Host], taken, cancellationToken));
            }

            shards.Add(shape with { Nodes = nodes });
        }

        return new ClusterLayout(ClusterColour.Green, wanted.ToString(), shards);
    }

    private static async Task<Node> MakeNodeAsync(ServiceDescription service, Node shape, string version, bool derived, IHost host, HashSet<int> taken, CancellationToken cancellationToken)
    {
        string name = derived ? $"{shape.Name}-green" : shape.Name;
        int port = derived ? await PortAsync(service, shape, host, taken, cancellationToken) : shape.Endpoint.Port;
        string folder = derived ? Path.Combine(RootOf(service, shape), name) : shape.DataDirectory ?? Path.Combine(RootOf(service, shape), name);
        return shape with
        {
            Name = name,
            Version = version,
            Colour = ClusterColour.Green,
            Endpoint = shape.Endpoint with { Port = port },
            DataDirectory = folder,
            ConfigFile = null,
            Settings = Merge(shape.Settings, service.Green.Settings),
        };
    }

    private static async Task<int> PortAsync(ServiceDescription service, Node shape, IHost host, HashSet<int> taken, CancellationToken cancellationToken)
    {
        int port = service.Green.BasePort ?? await host.FindFreePortAsync(shape.Endpoint.Host, cancellationToken);
        while (!taken.Add(port))
        {
            port = service.Green.BasePort is null ? await host.FindFreePortAsync(shape.Endpoint.Host, cancellationToken) : port + 1;
        }

        return port;
    }

    private static string RootOf(ServiceDescription service, Node shape) =>
        service.Green.DataRoot ?? (shape.DataDirectory is { } folder ? Path.GetDirectoryName(folder.TrimEnd('/'))! : Path.Combine(service.StateDirectory, "green"));

    // The ACL file of a derived node lies in its own folder.
    private static Dictionary<string, string> Merge(IReadOnlyDictionary<string, string> blue, IReadOnlyDictionary<string, string> green)
    {
        Dictionary<string, string> merged = blue.Where(setting => setting.Key != GarnetAclFile.Setting).ToDictionary(setting => setting.Key, setting => setting.Value, StringComparer.Ordinal);
        foreach ((string name, string value) in green)
        {
            merged[name] = value;
        }

        return merged;
    }
}
