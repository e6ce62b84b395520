namespace StatefulDeploy.Model;

/// <summary>How precious the data is: what redundancy green must have before traffic may move to it, and what is kept afterwards.</summary>
/// <param name="Name">The name, as the YAML uses it.</param>
/// <param name="HotReplicas">Replicas that each green shard must have in sync at the switch.</param>
/// <param name="ColdCopies">Restorable snapshots of blue that must exist at the switch.</param>
/// <param name="SnapshotRetention">How long a snapshot is kept after blue is retired.</param>
public sealed record DataClass(string Name, int HotReplicas, int ColdCopies, TimeSpan SnapshotRetention)
{
    /// <summary>How many of a node's newest snapshots stay beside the data; older ones go to the archive.</summary>
    public int HotSnapshots { get; init; } = 1;

    /// <summary>Data whose loss ends the business: one hot replica, two cold copies, 90 days.</summary>
    public static DataClass Critical { get; } = new("critical", 1, 2, TimeSpan.FromDays(90));

    /// <summary>Ordinary data of record: no hot replica demanded, one cold copy, 14 days.</summary>
    public static DataClass Standard { get; } = new("standard", 0, 1, TimeSpan.FromDays(14));

    /// <summary>Data that can be made again: neither replica nor copy is demanded.</summary>
    public static DataClass Rebuildable { get; } = new("rebuildable", 0, 0, TimeSpan.Zero);

    /// <summary>The classes that every service file can name without defining them.</summary>
    public static IReadOnlyList<DataClass> BuiltIn { get; } = [Critical, Standard, Rebuildable];
}
