namespace StatefulDeploy.Model;

/// <summary>How far a cluster has come in its upgrade; what the next cmdlet checks first.</summary>
public enum ClusterState
{
    /// <summary>Serving clients; no upgrade has touched it.</summary>
    Serving,

    /// <summary>Green exists and refuses client writes.</summary>
    Provisioned,

    /// <summary>Blue's data is being carried into green.</summary>
    Replicating,

    /// <summary>Green follows within the lag gate.</summary>
    CaughtUp,

    /// <summary>Green passed its verification.</summary>
    Verified,

    /// <summary>Blue refuses writes, and will open again by itself at the deadline.</summary>
    ReadOnly,

    /// <summary>Green serves clients.</summary>
    Switched,

    /// <summary>Blue serves clients again after a switch was undone.</summary>
    SwitchedBack,

    /// <summary>Blue is gone and the upgrade has ended.</summary>
    Retired,
}
