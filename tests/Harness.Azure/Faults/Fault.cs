using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Faults;

/// <summary>Something that is to go wrong.</summary>
/// <param name="Name">What.</param>
public sealed record Fault(FaultName Name)
{
    /// <summary>The resource it happens to, by a name in its path; null for any.</summary>
    public string? Resource { get; init; }

    /// <summary>The method of the request it happens to; null for any.</summary>
    public string? Method { get; init; }

    /// <summary>How often it happens.</summary>
    public int Times { get; init; } = 1;

    /// <summary>How long it takes.</summary>
    public TimeSpan For { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The HTTP status.</summary>
    public int Status { get; init; } = 503;

    /// <summary>The error's code.</summary>
    public string Code { get; init; } = "InternalExecutionError";

    /// <summary>What <c>Retry-After</c> says, in seconds.</summary>
    public int RetryAfter { get; init; } = 1;

    /// <summary>What somebody else does.</summary>
    public Func<Task>? Act { get; init; }

    internal TaskCompletionSource Lifted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal bool HitsResource(string name) => Resource is null || string.Equals(Resource, name, StringComparison.OrdinalIgnoreCase);

    internal bool HitsRequest(ArmRequest request) => (Method is null || Method == request.Method)
        && (Resource is null || request.Path.Split('/').Contains(Resource, StringComparer.OrdinalIgnoreCase));
}
