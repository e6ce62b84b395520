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

    /// <summary>Arm: the service, where the guard has no service file to read.</summary>
    public ServiceDescription? Service { get; init; }

    /// <summary>Hello: whether this client does what is to be done on hosts that the guard does not reach.</summary>
    public bool ReachesHosts { get; init; }

    /// <summary>HostAnswer: the answer.</summary>
    public Remote.HostAnswer? Answer { get; init; }
}
