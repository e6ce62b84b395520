namespace StatefulDeploy.Gateway.Routing;

/// <summary>A hold, with its bounds and its beginning by both clocks.</summary>
internal sealed record Hold
{
    /// <summary>When it began, in milliseconds since 1970.</summary>
    public required long StartedAt { get; init; }

    /// <summary>When it began, in milliseconds of the clock that only goes forward, and the boot of the machine it belongs to.</summary>
    public required long StartedTicks { get; init; }

    /// <summary>The boot of the machine that the ticks count in.</summary>
    public required string Boot { get; init; }

    /// <summary>It ends by itself after this many milliseconds.</summary>
    public required long DeadlineMs { get; init; }

    /// <summary>No request waits longer than this many milliseconds.</summary>
    public required long RequestLimitMs { get; init; }

    /// <summary>Bytes of waiting requests, of one session and of all.</summary>
    public required long MaxBytes { get; init; }

    /// <summary>How long answers in flight may take, in milliseconds.</summary>
    public required long DrainMs { get; init; }

    /// <summary>How long it has been on. A wall clock that went backwards across a reboot counts as no time: the hold then lasts at most its whole length again.</summary>
    public long ElapsedMs(long now, long ticks, string boot) =>
        string.Equals(boot, Boot, StringComparison.Ordinal) ? ticks - StartedTicks : Math.Max(0, now - StartedAt);
}
