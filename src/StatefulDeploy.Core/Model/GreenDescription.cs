namespace StatefulDeploy.Model;

/// <summary>How the green cluster is to look. What is left out is derived from blue.</summary>
public sealed record GreenDescription
{
    /// <summary>The version that green runs; null when the operator names it.</summary>
    public string? Version { get; init; }

    /// <summary>The shards and nodes, when they are described one by one; empty to mirror blue's shape.</summary>
    public IReadOnlyList<Shard> Shards { get; init; } = [];

    /// <summary>The folder under which green nodes get their data directories when they are derived; null for a folder beside blue's.</summary>
    public string? DataRoot { get; init; }

    /// <summary>The first port of derived nodes; null for any free ones.</summary>
    public int? BasePort { get; init; }

    /// <summary>Engine settings that differ from blue's, by name.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
