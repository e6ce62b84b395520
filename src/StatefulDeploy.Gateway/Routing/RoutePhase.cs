namespace StatefulDeploy.Gateway.Routing;

/// <summary>What the gateway does with requests.</summary>
internal enum RoutePhase
{
    /// <summary>All go to the target.</summary>
    Open,

    /// <summary>Reads go to the target, all else waits.</summary>
    Holding,

    /// <summary>Reads go to the read target, all else waits.</summary>
    Reads,
}
