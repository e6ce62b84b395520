namespace StatefulDeploy.Model;

/// <summary>What a node does in its shard.</summary>
public enum NodeRole
{
    /// <summary>The node that accepts client writes.</summary>
    Primary,

    /// <summary>A node that follows the primary.</summary>
    Replica,
}
