namespace StatefulDeploy.Contracts;

/// <summary>A stretch of the workflow table: what one cmdlet runs.</summary>
public enum UpgradeStretch
{
    /// <summary>Preflight to Provision.</summary>
    NewGreen,

    /// <summary>Replicate.</summary>
    StartReplication,

    /// <summary>CatchUp.</summary>
    WaitReplication,

    /// <summary>Verify and Rehearse.</summary>
    Verify,

    /// <summary>Hold and Fence.</summary>
    CloseWrites,

    /// <summary>From wherever the upgrade is after CatchUp to Switch.</summary>
    Switch,

    /// <summary>The same switch in the other direction.</summary>
    SwitchBack,

    /// <summary>Soak and Retire.</summary>
    Retire,

    /// <summary>All rows.</summary>
    Everything,
}
