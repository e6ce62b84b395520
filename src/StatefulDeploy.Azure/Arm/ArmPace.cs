namespace StatefulDeploy.Azure.Arm;

/// <summary>How fast Resource Manager is asked, and how long it is waited for. Tests have the same with smaller numbers.</summary>
internal sealed record ArmPace
{
    /// <summary>The first pause between two looks at an operation; it grows to <see cref="LongestPoll"/>. What Azure says by Retry-After comes first.</summary>
    public TimeSpan FirstPoll { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause between two looks at an operation.</summary>
    public TimeSpan LongestPoll { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The first pause after a failure that may pass; it doubles.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a request is sent again after no answer or HTTP 5xx.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>How long a request waits in all for a quota that is used up (HTTP 429).</summary>
    public TimeSpan ThrottlePatience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A quota with fewer requests left than this is spared: every further request waits first, the longer the fewer are left.</summary>
    public int Reserve { get; init; } = 3;

    /// <summary>How long a request waits when a quota has nothing left.</summary>
    public TimeSpan LongestSparing { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a change that others keep coming between is tried again.</summary>
    public TimeSpan ConflictPatience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long an operation other than a detachment may take. Making a machine and hydrating a disk have bounds of their own.</summary>
    public TimeSpan OperationPatience { get; init; } = TimeSpan.FromMinutes(30);
}
