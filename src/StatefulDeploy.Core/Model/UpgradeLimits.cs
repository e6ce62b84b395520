namespace StatefulDeploy.Model;

/// <summary>The bounds that an upgrade keeps; each has a default, a YAML key and a cmdlet parameter.</summary>
public sealed record UpgradeLimits
{
    /// <summary>After this long with writes closed and nothing decided, blue opens again by itself.</summary>
    public TimeSpan WindowDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A request held at the router waits no longer than this; then it gets the engine's retriable error.</summary>
    public TimeSpan HoldLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of requests that the router holds at most, over all sessions.</summary>
    public long HoldBytes { get; init; } = 256L << 20;

    /// <summary>Open write transactions get this long to end before they are ended.</summary>
    public TimeSpan TransactionGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The lag, in bytes of the write stream, under which green counts as caught up.</summary>
    public long LagGate { get; init; } = 1L << 20;

    /// <summary>How long catching up may take.</summary>
    public TimeSpan CatchUpDeadline { get; init; } = TimeSpan.FromHours(12);

    /// <summary>How long green must serve without trouble before blue may be retired.</summary>
    public TimeSpan Soak { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a node, a router or a host may take to answer one request outside the window.</summary>
    public TimeSpan Answer { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many shards are upgraded at the same time, when they are upgraded one by one.</summary>
    public int ShardsAtOnce { get; init; } = 1;
}
