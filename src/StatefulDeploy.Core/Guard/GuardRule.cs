namespace StatefulDeploy.Guard;

/// <summary>The rules that a request can break. The model of the guard is checked with each of them switched off.</summary>
internal enum GuardRule
{
    /// <summary>A request carries the highest epoch.</summary>
    Epoch,

    /// <summary>A live lease is not taken.</summary>
    LiveLease,

    /// <summary>One window at a time.</summary>
    OneWindow,

    /// <summary>A window goes from live nodes to others.</summary>
    Direction,

    /// <summary>The request is for the window that is open.</summary>
    SameWindow,

    /// <summary>Live nodes are closed only under an armed, undecided window.</summary>
    CloseUnderWindow,

    /// <summary>A node is opened only when the outcome, or the right that the last one left, is in its favour.</summary>
    OpenByOutcome,

    /// <summary>No act of the engine on a cluster that is live, or was given the right to be.</summary>
    ActOnIdle,

    /// <summary>A window is committed only when every node of its source is closed.</summary>
    CommitWhenClosed,

    /// <summary>A commit is reverted only before an opening of the target was begun.</summary>
    RevertUnopened,

    /// <summary>A commit is reverted only under a higher epoch than its own.</summary>
    RevertByHigherEpoch,

    /// <summary>A window is completed when what its outcome calls for was done.</summary>
    CompleteWhenSettled,
}
