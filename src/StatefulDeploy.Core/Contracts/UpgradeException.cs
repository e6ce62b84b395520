namespace StatefulDeploy.Contracts;

/// <summary>A failure that a person can act on: what failed, and what to do. Becomes a cmdlet's error record and a command's exit code.</summary>
public sealed class UpgradeException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="errorId">A stable identifier in Pascal case, such as <c>GreenPortTaken</c>.</param>
    /// <param name="message">What failed, naming the input, and what was expected.</param>
    /// <param name="recommendedAction">What to do.</param>
    /// <param name="category">What kind of failure.</param>
    /// <param name="inner">The cause; null when there is none.</param>
    public UpgradeException(string errorId, string message, string recommendedAction, FailureCategory category = FailureCategory.OperationFailed, Exception? inner = null)
        : base(message, inner)
    {
        ErrorId = errorId;
        RecommendedAction = recommendedAction;
        Category = category;
    }

    /// <summary>A stable identifier in Pascal case.</summary>
    public string ErrorId { get; }

    /// <summary>What to do.</summary>
    public string RecommendedAction { get; }

    /// <summary>What kind of failure.</summary>
    public FailureCategory Category { get; }

    /// <summary>The node, file, key or value at fault; null when there is none.</summary>
    public object? Target { get; init; }
}
