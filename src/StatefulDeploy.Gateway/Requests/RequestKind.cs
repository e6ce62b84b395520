namespace StatefulDeploy.Gateway.Requests;

/// <summary>How the gateway treats a request.</summary>
internal enum RequestKind : byte
{
    /// <summary>Forwarded, also while writes are held.</summary>
    Read,

    /// <summary>Forwarded; held while writes are held. Also everything unknown.</summary>
    Write,

    /// <summary>A write whose script is remembered: EVAL, SCRIPT LOAD, SCRIPT FLUSH.</summary>
    Script,

    /// <summary>May wait on the server and then change data: BLPOP and the like.</summary>
    BlockingWrite,

    /// <summary>May wait on the server, changes nothing, and can be asked again elsewhere: XREAD BLOCK.</summary>
    BlockingRead,

    /// <summary>Waits for replicas; its answer is true only where it was asked: WAIT, WAITAOF.</summary>
    Wait,

    Multi,
    Exec,
    Discard,
    Watch,
    Unwatch,

    /// <summary>SUBSCRIBE, UNSUBSCRIBE and their kin.</summary>
    Subscribe,

    /// <summary>Sets what the server remembers of the connection, and must be set again elsewhere: AUTH, HELLO, SELECT, CLIENT SETNAME…</summary>
    State,

    /// <summary>CLIENT REPLY: changes which requests are answered.</summary>
    ClientReply,

    /// <summary>RESET.</summary>
    Reset,

    /// <summary>QUIT.</summary>
    Quit,

    /// <summary>Refused by the gateway: MONITOR and replication.</summary>
    Refused,
}
