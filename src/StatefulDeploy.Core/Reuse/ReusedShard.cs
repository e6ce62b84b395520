using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Reuse;

/// <summary>One shard of a green that is made of blue's nodes: which node takes which volume, and which is to be the writer.</summary>
internal sealed class ReusedShard(ServiceDescription service, Shard blue, Shard green)
{
    private readonly IReadOnlyList<Node> _replicas = [.. blue.Replicas];

    /// <summary>Green's nodes on their volumes.</summary>
    internal IReadOnlyList<Node> Plan()
    {
        var described = service.Green.Shards.Count > 0;
        if (green.Nodes.Count != blue.Nodes.Count)
            throw Wrong("NodesDiffer", $"Shard '{blue.Name}' has {blue.Nodes.Count} nodes, and green is described with {green.Nodes.Count}: each takes the volume of one.", "Describe as many green nodes as blue has, or none.");

        // A writer alone gives its volume to the writer that comes after it, and nobody serves meanwhile.
        if (_replicas.Count == 0)
            return [OnVolume(green.Primary, green.Primary.Volume is { } only ? VolumeNamed(only) : VolumeOf(blue.Primary))];

        var nodes = described ? Described() : Derived();
        if (nodes.GroupBy(node => node.Volume, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw Wrong("VolumeTwice", $"Green's nodes {string.Join(" and ", twice)} are described with the same volume '{twice.Key}'.", "Give every green node a volume of its own.");

        var primary = nodes.First(node => node.Role == NodeRole.Primary);
        return primary.Volume == VolumeOf(blue.Primary).Name
            ? throw Wrong("WritersVolumeFirst", $"{primary}, green's writer, is described with volume '{primary.Volume}' of blue's writer, which is the last one to be moved.", "Give green's writer the volume of a replica.")
            : [.. nodes.OrderBy(node => node.Role).ThenBy(node => node.Volume == VolumeOf(blue.Primary).Name)];
    }

    // Blue's shape: each node's successor stands beside it, and the first replica's becomes the writer.
    private IReadOnlyList<Node> Derived() => [.. blue.Nodes.Zip(green.Nodes, (from, to) => OnVolume(to, VolumeOf(from)) with { Role = from == _replicas[0] ? NodeRole.Primary : NodeRole.Replica })];

    // Those that name no volume take what is left over, the replicas' first.
    private IReadOnlyList<Node> Described()
    {
        var left = new Queue<VolumeDescription>(_replicas.Append(blue.Primary).Select(VolumeOf).Where(volume => green.Nodes.All(node => node.Volume != volume.Name)));
        return [.. green.Nodes.OrderBy(node => node.Role).Select(node => OnVolume(node, node.Volume is { } name ? VolumeNamed(name) : left.Dequeue()))];
    }

    private Node OnVolume(Node node, VolumeDescription volume)
    {
        var from = blue.Nodes.First(other => other.Name == volume.Node);
        var work = node.DataDirectory!;
        if (service.Volumes.FirstOrDefault(other => work == other.MountPoint || work.StartsWith(other.MountPoint + "/", StringComparison.Ordinal)) is { } under)
            throw Wrong("WorkFolderOnVolume", $"The folder '{work}', where what is made for {node} would lie, is on volume '{under.Name}', which moves.", "Give 'dataRoot' under 'green', or another 'dataDirectory' of the green node, on a disk that stays in its machine.");

        return node with
        {
            Volume = volume.Name,
            WorkDirectory = work,
            DataDirectory = from.DataDirectory ?? volume.MountPoint,
        };
    }

    private VolumeDescription VolumeOf(Node node) => service.Volumes.FirstOrDefault(volume => volume.Node == node.Name)
        ?? throw Wrong("VolumeMissing", $"{node} has no volume, and every node of a service whose volumes are reused needs one.", "Describe it under 'volumes', or use the strategy Mirror.");

    private VolumeDescription VolumeNamed(string name) => blue.Nodes.Select(VolumeOf).FirstOrDefault(volume => volume.Name == name)
        ?? throw Wrong("VolumeUnknown", $"Green is described with volume '{name}', which no node of shard '{blue.Name}' has.", $"Use one of: {string.Join(", ", blue.Nodes.Select(node => VolumeOf(node).Name))}.");

    private UpgradeException Wrong(string errorId, string message, string remedy) => new(errorId, message, remedy, FailureCategory.Refused) { Target = blue.Name };
}
