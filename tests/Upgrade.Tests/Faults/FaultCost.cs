namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>What a fault takes from the clients by itself, without any upgrade.</summary>
internal enum FaultCost
{
    /// <summary>Nothing: no read may fail and no connection may be dropped.</summary>
    Nothing,

    /// <summary>The router died: connections are dropped, and clients connect again.</summary>
    Connections,

    /// <summary>The server that serves died: reads fail until it is back.</summary>
    Reads,
}
