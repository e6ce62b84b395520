using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard;

/// <summary>One line from a client to the guard.</summary>
internal sealed record GuardRequest
{
    /// <summary>Its number on this connection; the reply carries it.</summary>
    public long Id { get; init; }

    public GuardOperation Operation { get; init; }

    /// <summary>The epoch of the client's lease.</summary>
    public long Epoch { get; init; }

    /// <summary>The window that the client believes open.</summary>
    public string? WindowId { get; init; }

    public IReadOnlyList<Node> Nodes { get; init; } = [];

    public WindowPlan? Plan { get; init; }

    /// <summary>Acquire: who asks.</summary>
    public GuardLease? Lease { get; init; }

    /// <summary>Act: what on which cluster.</summary>
    public ActRequest? Act { get; init; }
}
