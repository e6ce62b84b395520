namespace StatefulDeploy.Gateway.Sessions;

/// <summary>What an answer that is still to come is for.</summary>
internal enum ReplyKind : byte
{
    /// <summary>For the client, byte for byte; nobody needs to look at it.</summary>
    Plain,

    /// <summary>From the gateway itself, in its turn.</summary>
    Local,

    /// <summary>For the client; if it is no error, the connection's state has changed.</summary>
    State,

    /// <summary>For the client; an error means that no transaction was begun.</summary>
    Multi,

    /// <summary>For the client; commands of the transaction that set the connection's state have taken effect.</summary>
    Exec,

    /// <summary>The client asked EXEC after a WATCH that a switch invalidated; the server was asked DISCARD.</summary>
    ExecAsDiscard,

    /// <summary>For the client; may be long in coming.</summary>
    Blocking,

    /// <summary>For the client: one or more confirmations.</summary>
    Subscribe,

    /// <summary>For the client; all state of the connection is gone.</summary>
    Reset,

    /// <summary>For the client, which is closed after it.</summary>
    Quit,

    /// <summary>For the gateway: a step that restores a session on a new connection. An error fails the connection.</summary>
    Restore,

    /// <summary>For the gateway: a repeated command of an open transaction.</summary>
    Replay,

    /// <summary>For the gateway: the connection's id.</summary>
    ClientId,

    /// <summary>For the gateway: everything published before this has arrived.</summary>
    Marker,

    /// <summary>For the gateway: requests that are not answered have been executed up to here.</summary>
    Barrier,

    /// <summary>For the gateway, which does not care.</summary>
    Ignored,
}
