namespace StatefulDeploy.Protocols.Resp;

/// <summary>What a command does to a server, as far as holding and moving it is concerned.</summary>
public enum RespCommandClass
{
    /// <summary>May change data, or is not known: what cannot be classified counts as a write.</summary>
    Write,

    /// <summary>Changes neither data nor the connection.</summary>
    Read,

    /// <summary>May wait on the server before it answers.</summary>
    Blocking,

    /// <summary>Subscribes or unsubscribes.</summary>
    PubSub,

    /// <summary>Changes what the server remembers of this connection: user, database, protocol, name, tracking.</summary>
    ConnectionState,

    /// <summary>MULTI, EXEC, DISCARD, WATCH, UNWATCH.</summary>
    Transaction,

    /// <summary>Changes the server itself: configuration, roles, users, shutdown.</summary>
    Admin,

    /// <summary>Turns the connection into a stream without end: MONITOR and replication.</summary>
    Streaming,
}
