using System.Collections.Concurrent;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Planning;

/// <summary>The shape of green: the described one with its gaps filled, or blue's on ports and in folders of its own.</summary>
internal static class GreenLayout
{
    // After so many a process has handed out most of the ports that there are, and is offered some again.
    private const int MostTries = 1000;

    private static readonly ConcurrentDictionary<(string Host, int Port), byte> Given = new();

    /// <summary>Plans green for a version. Touches nothing but to look for free ports.</summary>
    /// <param name="service">The service, with what is said of its green.</param>
    /// <param name="version">Green's version.</param>
    /// <param name="hosts">Where the nodes are.</param>
    /// <param name="configFile">The name of the configuration file in a derived node's folder; null when the engine has its own place for it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="UpgradeException">It is not said where green keeps its data.</exception>
    public static async Task<ClusterLayout> MakeAsync(ServiceDescription service, string version, IHostDirectory hosts, string? configFile, CancellationToken cancellationToken)
    {
        bool isDescribed = service.Green.Shards.Count > 0;
        int? port = service.Green.BasePort;
        List<Shard> shards = [];
        foreach (Shard shard in isDescribed ? service.Green.Shards : service.Blue.Shards)
        {
            List<Node> nodes = [];
            foreach (Node node in shard.Nodes)
            {
                nodes.Add(isDescribed
                    ? node with { Colour = ClusterColour.Green, Version = version, DataDirectory = node.DataDirectory ?? FolderOf(node, node.Name, service) }
                    : Derive(node, version, service, port++ ?? await FreePortAsync(node, hosts, cancellationToken), configFile));
            }

            shards.Add(shard with { Nodes = nodes });
        }

        return new ClusterLayout(ClusterColour.Green, version, shards);
    }

    private static Node Derive(Node blue, string version, ServiceDescription service, int port, string? configFile)
    {
        string name = blue.Name.Contains("blue", StringComparison.Ordinal) ? blue.Name.Replace("blue", "green", StringComparison.Ordinal) : $"green-{blue.Name}";
        string folder = FolderOf(blue, name, service);
        return new Node
        {
            Name = name,
            Role = blue.Role,
            Endpoint = blue.Endpoint with { Port = port },
            Host = blue.Host,
            Version = version,
            Colour = ClusterColour.Green,
            DataDirectory = folder,
            ConfigFile = configFile is null ? null : Path.Combine(folder, configFile),
        };
    }

    // A port that is free stays so while nobody listens on it: the next node, or another shard that is planned at the same time, may be offered it again.
    private static async Task<int> FreePortAsync(Node blue, IHostDirectory hosts, CancellationToken cancellationToken)
    {
        int port = 0;
        for (int tries = 0; tries < MostTries; tries++)
        {
            port = await hosts[blue.Host].FindFreePortAsync(blue.Endpoint.Host, cancellationToken);
            if (Given.TryAdd((blue.Host, port), 0))
            {
                break;
            }
        }

        return port;
    }

    private static string FolderOf(Node node, string name, ServiceDescription service)
    {
        string? root = service.Green.DataRoot ?? (node.DataDirectory is null ? null : Path.GetDirectoryName(node.DataDirectory.TrimEnd('/')));
        return root is null
            ? throw new UpgradeException("DataRootMissing", "It is not said where green nodes keep their data.", "Give 'dataRoot' under 'green', or 'dataDirectory' of blue's nodes.", FailureCategory.InvalidInput) { Target = node.Name }
            : Path.Combine(root, $"{service.Name}-{name}");
    }
}
