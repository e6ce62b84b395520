namespace StatefulDeploy.Gateway.Sessions;

/// <summary>What an admin command waits for in each session.</summary>
internal enum SessionGoal
{
    /// <summary>No write is in flight.</summary>
    Drained,

    /// <summary>The connection to the server is where it should be, or will be made there when it is needed.</summary>
    Moved,

    /// <summary>A second connection is ready.</summary>
    Prepared,
}
