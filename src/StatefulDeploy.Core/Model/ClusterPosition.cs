namespace StatefulDeploy.Model;

/// <summary>A point in a cluster's write stream. Only the engine that made it can read it.</summary>
/// <param name="ByShard">The engine's own notation of the position (replication id and offset, LSN, GTID set) by shard name.</param>
public sealed record ClusterPosition(IReadOnlyDictionary<string, string> ByShard)
{
    /// <summary>The position as <c>shard=value</c> pairs.</summary>
    public override string ToString() => string.Join(' ', ByShard.Select(pair => $"{pair.Key}={pair.Value}"));
}
