using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard.Remote;

/// <summary>What came of a <see cref="HostCall"/>.</summary>
internal sealed record HostAnswer
{
    public long Id { get; init; }

    /// <summary>The result as JSON; null for none.</summary>
    public string? Result { get; init; }

    /// <summary>Null when it was done.</summary>
    public string? ErrorId { get; init; }

    public string Message { get; init; } = string.Empty;

    public string Action { get; init; } = string.Empty;

    public FailureCategory Category { get; init; }

    public static HostAnswer Failed(UpgradeException error) => new() { ErrorId = error.ErrorId, Message = error.Message, Action = error.RecommendedAction, Category = error.Category };

    /// <exception cref="UpgradeException">It failed.</exception>
    public HostAnswer OrThrow() => ErrorId is null ? this : throw new UpgradeException(ErrorId, Message, Action, Category);
}
