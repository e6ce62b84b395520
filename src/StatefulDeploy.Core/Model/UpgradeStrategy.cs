namespace StatefulDeploy.Model;

/// <summary>How green gets blue's data.</summary>
public enum UpgradeStrategy
{
    /// <summary>A second cluster is filled by replication; twice the capacity while it runs.</summary>
    Mirror,

    /// <summary>The data volume moves from the V1 machine to the V2 machine; no copy.</summary>
    VolumeReuse,

    /// <summary>One shard after another, each by one of the others, in a window of its own; the capacity of one more shard while it runs.</summary>
    ShardByShard,
}
