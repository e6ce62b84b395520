using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Reuse;

/// <summary>
/// The two clusters of an upgrade that reuses volumes. A volume is on one side at a time: green is made of blue's replicas, and while it is
/// switched to, blue is its writer alone; the writer's volume joins green last. Of clusters that share no volume all of this is the identity.
/// </summary>
internal static class ReusedLayout
{
    /// <summary>Whether a planned green gets its data by volumes.</summary>
    internal static bool IsReusing(ClusterLayout green) => green.Nodes.Any(node => node.Volume is not null);

    /// <summary>Whether a writer gives its volume to the writer that comes after it: nobody serves while it is on its way.</summary>
    internal static bool IsOutage(ServiceDescription service, ClusterLayout blue, ClusterLayout green)
    {
        var writers = blue.Primaries.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        return green.Primaries.Any(node => node.Volume is { } name && service.Volumes.Any(volume => volume.Name == name && writers.Contains(volume.Node)));
    }

    /// <summary>Green as planned by the engine, with each node on the volume of the blue node that it replaces.</summary>
    /// <exception cref="UpgradeException">The shapes do not fit.</exception>
    internal static ClusterLayout Plan(ServiceDescription service, ClusterLayout green) => green with
    {
        Shards = [.. green.Shards.Select(shard => shard with { Nodes = new ReusedShard(service, ShardOf(service.Blue, shard.Name), shard).Plan() })],
    };

    /// <summary>The transfers in the order in which they are made: replicas first, each shard's writer last.</summary>
    internal static IReadOnlyList<NodeTransfer> Transfers(ServiceDescription service, ClusterLayout blue, ClusterLayout green) =>
    [
        .. green.Shards.SelectMany(shard => shard.Nodes.Where(node => node.Volume is not null).OrderBy(node => node.Role).Select(node => Transfer(service, blue, node)))
            .OrderBy(transfer => transfer.IsLast),
    ];

    /// <summary>Blue from the last replica's transfer on: what stays until green has been switched to.</summary>
    internal static ClusterLayout Staying(ClusterLayout blue, ClusterLayout green, ServiceDescription service)
    {
        // Nothing of it: its writer is down from the first row of the window on.
        if (IsOutage(service, blue, green))
            return blue with { Shards = [] };

        var taken = green.Nodes.Where(node => node.Volume is not null).Select(node => service.Volumes.First(volume => volume.Name == node.Volume).Node).ToHashSet(StringComparer.Ordinal);
        return blue with { Shards = [.. blue.Shards.Select(shard => shard with { Nodes = [.. shard.Nodes.Where(node => node.Role == NodeRole.Primary || !taken.Contains(node.Name))] })] };
    }

    /// <summary>Green until blue's writer gives its volume up.</summary>
    internal static ClusterLayout WithoutLast(ClusterLayout blue, ClusterLayout green, ServiceDescription service)
    {
        if (IsOutage(service, blue, green))
            return green;

        var last = blue.Primaries.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        return green with { Shards = [.. green.Shards.Select(shard => shard with { Nodes = [.. shard.Nodes.Where(node => node.Volume is null || !last.Contains(service.Volumes.First(volume => volume.Name == node.Volume).Node))] })] };
    }

    /// <summary>Which volumes of blue's replicas go where, for people.</summary>
    internal static string Tell(EngineContext context) => string.Join("; ", context.Target.Nodes
        .Select(node => (To: node, Volume: context.Service.Volumes.FirstOrDefault(volume => volume.Name == node.Volume)))
        .Where(pair => pair.Volume is not null && context.Source.Primaries.All(primary => primary.Name != pair.Volume.Node))
        .Select(pair => $"volume '{pair.Volume!.Name}' of {pair.Volume.Node} to {pair.To} on host '{pair.To.Host}'"));

    /// <summary>A cluster of one node alone.</summary>
    internal static ClusterLayout Only(ClusterLayout layout, Node node) => layout with
    {
        Shards = [.. layout.Shards.Where(shard => shard.Nodes.Contains(node)).Select(shard => shard with { Nodes = [node] })],
    };

    private static NodeTransfer Transfer(ServiceDescription service, ClusterLayout blue, Node to)
    {
        var volume = service.Volumes.FirstOrDefault(volume => volume.Name == to.Volume)
            ?? throw new UpgradeException("VolumeUnknown", $"Service '{service.Name}' has no volume '{to.Volume}', which is to bring {to} its data.", "Describe it under 'volumes' in the service file.", FailureCategory.NotFound) { Target = to.Name };
        var from = blue.Nodes.FirstOrDefault(node => node.Name == volume.Node)
            ?? throw new UpgradeException("NodeNotInCluster", $"Volume '{volume.Name}' is described with node '{volume.Node}', which is not in the cluster.", $"Use one of: {string.Join(", ", blue.Nodes.Select(node => node.Name))}.", FailureCategory.NotFound) { Target = volume.Name };
        return new NodeTransfer(volume, from, to);
    }

    private static Shard ShardOf(ClusterLayout blue, string name) => blue.Shards.FirstOrDefault(shard => shard.Name == name)
        ?? throw new UpgradeException("ShardsDiffer", $"Blue has no shard '{name}'.", "Describe green with the shard names of blue, or leave its shards out.", FailureCategory.InvalidInput) { Target = name };
}
