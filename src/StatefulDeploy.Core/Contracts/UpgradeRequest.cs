using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>Which service, and what the operator wants; what is null comes from the service file or the journal.</summary>
public sealed record UpgradeRequest
{
    /// <summary>The service file; null when an upgrade is named by its id and folder.</summary>
    public string? Path { get; init; }

    /// <summary>The upgrade; null for the service's newest one.</summary>
    public string? UpgradeId { get; init; }

    /// <summary>The place of the journals, a folder or the address of a shared one; null for the service's own, or the user's default.</summary>
    public string? StateDirectory { get; init; }

    /// <summary>The version of green.</summary>
    public string? TargetVersion { get; init; }

    /// <summary>Where <see cref="UpgradeStretch.Everything"/> is to end: with the last row of this stretch; null for the end of the table. A resume keeps it.</summary>
    public UpgradeStretch? Until { get; init; }

    /// <summary>How green gets blue's data.</summary>
    public UpgradeStrategy? Strategy { get; init; }

    /// <summary>How green of each shard gets blue's data, of a service that is upgraded shard by shard.</summary>
    public UpgradeStrategy? ShardStrategy { get; init; }

    /// <summary>How many shards are upgraded at the same time.</summary>
    public int? ThrottleLimit { get; init; }

    /// <summary>The upgrade of the whole service, when this is one of its shards'; null when it is none.</summary>
    public string? PartOf { get; init; }

    /// <summary>What the operator consents to.</summary>
    public UpgradeConsent Consent { get; init; } = new();

    /// <summary>How long writes may be closed with nothing decided.</summary>
    public TimeSpan? WindowDeadline { get; init; }

    /// <summary>How long a request may be held.</summary>
    public TimeSpan? HoldLimit { get; init; }

    /// <summary>How long green must serve before blue is retired.</summary>
    public TimeSpan? Soak { get; init; }

    /// <summary>The lag, in bytes, under which green counts as caught up.</summary>
    public long? LagGate { get; init; }

    /// <summary>How long to wait for catching up.</summary>
    public TimeSpan? CatchUpDeadline { get; init; }
}
