using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>How far one shard of a service has come that is upgraded shard by shard.</summary>
public sealed record ShardStatus
{
    /// <summary>The shard.</summary>
    public required string Shard { get; init; }

    /// <summary>The name of the shard as a service of its own, such as <c>orders-a</c>.</summary>
    public required string Service { get; init; }

    /// <summary>The shard as a service file is named, such as <c>/etc/orders.yaml#a</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The version that takes its writes.</summary>
    public required string Version { get; init; }

    /// <summary>The cluster that takes its writes, or took them last.</summary>
    public ClusterColour Live { get; init; }

    /// <summary>How far its upgrade has come.</summary>
    public ClusterState State { get; init; }

    /// <summary>The last step that was begun; empty before its upgrade was.</summary>
    public string Step { get; init; } = string.Empty;

    /// <summary>Whether somebody works on it; null before its upgrade was begun.</summary>
    public UpgradeStatus? Status { get; init; }

    /// <summary>Its upgrade; null before it was begun.</summary>
    public string? UpgradeId { get; init; }

    /// <summary>How long its writes were closed; null before its switch.</summary>
    public TimeSpan? ClosedFor { get; init; }

    /// <summary>Why it stopped; empty when it did not.</summary>
    public string Message { get; init; } = string.Empty;
}
