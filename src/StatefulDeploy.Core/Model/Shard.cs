namespace StatefulDeploy.Model;

/// <summary>A part of the data with one writer and its replicas.</summary>
/// <param name="Name">The name of the shard, unique in its cluster.</param>
/// <param name="Nodes">Its nodes: one primary, any number of replicas.</param>
public sealed record Shard(string Name, IReadOnlyList<Node> Nodes)
{
    /// <summary>The node that accepts writes.</summary>
    /// <exception cref="InvalidOperationException">The shard has no node of role <see cref="NodeRole.Primary"/>.</exception>
    public Node Primary => Nodes.FirstOrDefault(node => node.Role == NodeRole.Primary)
        ?? throw new InvalidOperationException($"Shard '{Name}' has no primary.");

    /// <summary>The nodes that follow the primary.</summary>
    public IEnumerable<Node> Replicas => Nodes.Where(node => node.Role == NodeRole.Replica);
}
