namespace StatefulDeploy.Workflow;

/// <summary>The rows of the workflow table, in their order.</summary>
public enum StepName
{
    /// <summary>Findings before anything is touched.</summary>
    Preflight,

    /// <summary>One operator holds the service.</summary>
    Lock,

    /// <summary>A restorable copy of the source.</summary>
    Snapshot,

    /// <summary>The target's nodes, closed.</summary>
    Provision,

    /// <summary>The initial copy and the stream.</summary>
    Replicate,

    /// <summary>Lag under the gate.</summary>
    CatchUp,

    /// <summary>Suites and comparison.</summary>
    Verify,

    /// <summary>The window's acts proved beforehand.</summary>
    Rehearse,

    /// <summary>The router holds writes and every source node refuses them.</summary>
    Fence,

    /// <summary>The source's final position.</summary>
    Position,

    /// <summary>The target has applied it.</summary>
    Drain,

    /// <summary>What the stream does not carry.</summary>
    Finalize,

    /// <summary>The target's writers are primaries, still closed.</summary>
    Promote,

    /// <summary>The decision.</summary>
    Commit,

    /// <summary>The target accepts writes: the point of no return.</summary>
    Open,

    /// <summary>Traffic goes to the target.</summary>
    Switch,

    /// <summary>Health is watched.</summary>
    Soak,

    /// <summary>The volume of the writer that was left joins green.</summary>
    Join,

    /// <summary>Blue is removed.</summary>
    Retire,
}
