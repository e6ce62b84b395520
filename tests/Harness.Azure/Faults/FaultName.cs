namespace StatefulDeploy.Harness.Azure.Faults;

/// <summary>What can go wrong, by name.</summary>
public enum FaultName
{
    /// <summary>An answer comes late, after <see cref="Fault.For"/>.</summary>
    LateAnswer,

    /// <summary>An operation takes <see cref="Fault.For"/> longer.</summary>
    SlowOperation,

    /// <summary>The detach of a disk (<see cref="Fault.Resource"/>) does not end until the fault is lifted; a forced one does.</summary>
    HungDetach,

    /// <summary>The detach of a disk (<see cref="Fault.Resource"/>) has freed it, so that it reads Unattached, and does not end until the fault is lifted: nobody can attach it meanwhile.</summary>
    LingeringDetach,

    /// <summary>The attach of a disk (<see cref="Fault.Resource"/>) fails with <see cref="Fault.Code"/>; the machine is Failed and lists a disk that it has not.</summary>
    FailedAttach,

    /// <summary>An operation on <see cref="Fault.Resource"/> ends as preempted, which its URL tells under HTTP 200.</summary>
    Preempted,

    /// <summary>An operation on <see cref="Fault.Resource"/> fails with <see cref="Fault.Code"/>, which its URL tells under HTTP 200.</summary>
    FailedOperation,

    /// <summary>Requests are refused with 429 and Retry-After.</summary>
    ThrottleStorm,

    /// <summary>Requests are answered with <see cref="Fault.Status"/> 5xx.</summary>
    ServerError,

    /// <summary>Every token so far expires when the request arrives.</summary>
    ExpiredToken,

    /// <summary>Somebody else does <see cref="Fault.Act"/> just before the request is taken.</summary>
    Colleague,

    /// <summary>The request is taken, and the connection is cut before its answer.</summary>
    LostAnswer,

    /// <summary>A change of a balancer is superseded by another (<c>CanceledAndSupersededDueToAnotherOperation</c>).</summary>
    Superseded,

    /// <summary>Azure has no room for a machine: its operation ends with <c>AllocationFailed</c>.</summary>
    NoCapacity,
}
