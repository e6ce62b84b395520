namespace StatefulDeploy.Gateway.Sessions;

/// <summary>Why a request cannot be sent now.</summary>
internal enum Obstacle
{
    None,

    /// <summary>There is no connection to the server.</summary>
    Unreachable,

    /// <summary>The session changes to another server.</summary>
    Moving,

    /// <summary>Writes are held.</summary>
    Held,

    /// <summary>An earlier command of the same client waits on the server.</summary>
    Blocked,
}
