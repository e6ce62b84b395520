namespace StatefulDeploy.Contracts;

/// <summary>
/// The acts of an engine that would ruin a cluster that serves: if whoever orders one was suspended and somebody else has gone on
/// meanwhile, it must not happen any more. So they run inside the guard, under the epoch, and never on a cluster that is live.
/// (Promoting a cluster that serves changes nothing, and is needed in the closed window: it stays with the orchestrator, whose code is warm.)
/// </summary>
public enum GuardedAct
{
    /// <summary><see cref="IReplicator.StartAsync"/>: target is filled anew, or follows from a position.</summary>
    StartReplication,

    /// <summary><see cref="ISwitchover.DemoteAsync"/>.</summary>
    Demote,

    /// <summary><see cref="INodeProvisioner.RemoveAsync"/> of target.</summary>
    Remove,

    /// <summary><see cref="INodeProvisioner.RetireAsync"/> of target.</summary>
    Retire,

    /// <summary>The volumes of target's nodes go from blue's servers to green's.</summary>
    MoveVolume,

    /// <summary>The undo of <see cref="MoveVolume"/>.</summary>
    ReturnVolume,

    /// <summary>The machines of target's nodes are about to be removed: nothing is done, but refused where they serve, and waited until nothing else is done to them.</summary>
    TakeAway,
}
