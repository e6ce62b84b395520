using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>An upgrade as its journal tells it.</summary>
public sealed record UpgradeSummary
{
    /// <summary>Its id.</summary>
    public required string UpgradeId { get; init; }

    /// <summary>The name of the service.</summary>
    public required string Service { get; init; }

    /// <summary>The service file.</summary>
    public string Path { get; init; } = string.Empty;

    /// <summary>The engine.</summary>
    public string Engine { get; init; } = string.Empty;

    /// <summary>The version of blue.</summary>
    public string Version { get; init; } = string.Empty;

    /// <summary>The version of green.</summary>
    public string TargetVersion { get; init; } = string.Empty;

    /// <summary>How far it has come.</summary>
    public ClusterState State { get; init; }

    /// <summary>The last step that was begun; of several shards with the shard, such as <c>b: Fence</c>.</summary>
    public string Step { get; init; } = string.Empty;

    /// <summary>Running, Stopped, Failed, Undone or Completed.</summary>
    public UpgradeStatus Status { get; init; }

    /// <summary>When it began.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When its journal was last written.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>How long writes were closed, of several shards for the one that waited longest; null before the switch.</summary>
    public TimeSpan? ClosedFor { get; init; }

    /// <summary>Why it stopped; empty when it did not.</summary>
    public string Message { get; init; } = string.Empty;

    /// <summary>How far each shard has come, of a service that is upgraded shard by shard; empty for others.</summary>
    public IReadOnlyList<ShardStatus> Shards { get; init; } = [];

    /// <summary>The journal file.</summary>
    public string Journal { get; init; } = string.Empty;

    /// <summary>The page or document that was exported; empty when none was.</summary>
    public string Report { get; init; } = string.Empty;
}
