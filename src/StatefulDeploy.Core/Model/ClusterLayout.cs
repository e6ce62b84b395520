namespace StatefulDeploy.Model;

/// <summary>The shards and nodes of one cluster, as described or as planned.</summary>
/// <param name="Colour">Blue or green.</param>
/// <param name="Version">The engine version of its nodes.</param>
/// <param name="Shards">At least one shard.</param>
public sealed record ClusterLayout(ClusterColour Colour, string Version, IReadOnlyList<Shard> Shards)
{
    /// <summary>All nodes of all shards, primaries first within each.</summary>
    public IEnumerable<Node> Nodes => Shards.SelectMany(shard => shard.Nodes.OrderBy(node => node.Role));

    /// <summary>The primaries of all shards.</summary>
    public IEnumerable<Node> Primaries => Shards.Select(shard => shard.Primary);

    /// <summary>The writer whose host keeps the outcome file: the primary of the first shard.</summary>
    public Node Writer => Shards[0].Primary;
}
