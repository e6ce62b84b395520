namespace StatefulDeploy.Guard;

/// <summary>What can be asked of a guard.</summary>
internal enum GuardOperation
{
    /// <summary>Whether it is there and answers.</summary>
    Hello,

    /// <summary>A lease, with an epoch above every earlier one.</summary>
    Acquire,

    /// <summary>The owner lives.</summary>
    Renew,

    /// <summary>The owner needs the lease no more.</summary>
    Release,

    /// <summary>A window, before anything is closed.</summary>
    Arm,

    /// <summary>Nodes are about to be closed.</summary>
    Prepare,

    /// <summary>Nodes refuse writes.</summary>
    Close,

    /// <summary>Nodes take writes.</summary>
    Open,

    /// <summary>No request, but part of Close: earlier acts on the target have ended, and nothing of them is under way any more.</summary>
    Settle,

    /// <summary>Whether nodes take writes.</summary>
    Probe,

    /// <summary>An act of the engine on a cluster that is not live.</summary>
    Act,

    /// <summary>The window is decided for the target.</summary>
    Commit,

    /// <summary>The window is decided for the source.</summary>
    Expire,

    /// <summary>A committed window whose target was never opened is decided for the source.</summary>
    Revert,

    /// <summary>All that the outcome called for was done.</summary>
    Complete,

    /// <summary>How all stands.</summary>
    Status,

    /// <summary>No request, but the answer to a call of the guard: see <see cref="Remote.HostCall"/>.</summary>
    HostAnswer,
}
