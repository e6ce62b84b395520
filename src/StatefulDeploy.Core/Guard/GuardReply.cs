using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard;

/// <summary>One line from the guard to a client.</summary>
internal sealed record GuardReply
{
    public long Id { get; init; }

    /// <summary>Null when the request was granted and done.</summary>
    public string? ErrorId { get; init; }

    public string? Message { get; init; }

    public string? Action { get; init; }

    public FailureCategory Category { get; init; }

    /// <summary>The highest epoch; after Acquire, the caller's.</summary>
    public long Epoch { get; init; }

    public WindowOutcome Outcome { get; init; }

    public WindowStatus? Window { get; init; }

    /// <summary>Status: how long the window may still be decided for its target; negative when it may not. (A point in time would be one of another machine's clock.)</summary>
    public TimeSpan Remaining { get; init; }

    public IReadOnlyDictionary<string, GateState>? States { get; init; }

    public GuardLease? Lease { get; init; }

    /// <summary>No reply, but a wish of the guard itself.</summary>
    public Remote.HostCall? HostCall { get; init; }

    /// <summary>Act: what it told on the way.</summary>
    public IReadOnlyList<ReportEvent>? Events { get; init; }

    public static GuardReply Failed(UpgradeException error) => new()
    {
        ErrorId = error.ErrorId,
        Message = error.Message,
        Action = error.RecommendedAction,
        Category = error.Category,
    };

    /// <exception cref="UpgradeException">The guard refused, or the act failed.</exception>
    public GuardReply OrThrow() => ErrorId is null ? this : throw new UpgradeException(ErrorId, Message ?? string.Empty, Action ?? string.Empty, Category);
}
