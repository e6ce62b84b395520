using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard;

/// <summary>What a permitted request leads to, in this order: the state is stored, the outcome is attempted, the nodes are acted on.</summary>
/// <param name="Next">The state to store.</param>
internal sealed record Ruling(RegisterState Next)
{
    /// <summary>What to decide for the open window, unless somebody has; Undecided for nothing.</summary>
    public WindowOutcome Attempt { get; init; }

    /// <summary>The generation of that attempt.</summary>
    public int Generation { get; init; }

    /// <summary>Whether its nodes are acted on. (Opening what the outcome calls for is a duty besides, and goes on if the request does not succeed.)</summary>
    public bool ActOnNodes { get; init; }
}
