using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>The shape of green: the described one, or blue's primary on a port and in a folder of its own.</summary>
internal static class PostgresGreenPlan
{
    /// <summary>Plans green for a version.</summary>
    public static async Task<ClusterLayout> MakeAsync(ServiceDescription service, string version, IHostDirectory hosts, CancellationToken cancellationToken)
    {
        await PostgresSoftware.FindAsync(service, version, hosts[service.Blue.Writer.Host], cancellationToken);
        int? port = service.Green.BasePort;
        List<Shard> shards = [];
        foreach (Shard shard in service.Green.Shards.Count > 0 ? service.Green.Shards : service.Blue.Shards)
        {
            List<Node> nodes = [];
            foreach (Node node in shard.Nodes)
            {
                nodes.Add(service.Green.Shards.Count > 0
                    ? node with { Colour = ClusterColour.Green, Version = version, DataDirectory = node.DataDirectory ?? FolderOf(node, node.Name, service) }
                    : await DeriveAsync(node, version, service, hosts, port, cancellationToken));
                port++;
            }

            shards.Add(shard with { Nodes = nodes });
        }

        return new ClusterLayout(ClusterColour.Green, version, shards);
    }

    private static async Task<Node> DeriveAsync(Node blue, string version, ServiceDescription service, IHostDirectory hosts, int? port, CancellationToken cancellationToken)
    {
        string name = blue.Name.Contains("blue", StringComparison.Ordinal) ? blue.Name.Replace("blue", "green", StringComparison.Ordinal) : $"green-{blue.Name}";
        return new Node
        {
            Name = name,
            Role = blue.Role,
            Endpoint = blue.Endpoint with { Port = port ?? await hosts[blue.Host].FindFreePortAsync(blue.Endpoint.Host, cancellationToken) },
            Host = blue.Host,
            Version = version,
            Colour = ClusterColour.Green,
            DataDirectory = FolderOf(blue, name, service),
        };
    }

    private static string FolderOf(Node node, string name, ServiceDescription service)
    {
        string? root = service.Green.DataRoot ?? (node.DataDirectory is null ? null : Path.GetDirectoryName(node.DataDirectory.TrimEnd('/')));
        return root is null
            ? throw new UpgradeException("DataRootMissing", "It is not said where green nodes keep their data.", "Give 'dataRoot' under 'green', or 'dataDirectory' of blue's nodes.", FailureCategory.InvalidInput) { Target = node.Name }
            : Path.Combine(root, $"{service.Name}-{name}");
    }
}
