namespace StatefulDeploy.Gateway.Sessions;

/// <summary>What becomes of a request.</summary>
internal enum Verdict
{
    /// <summary>It must wait.</summary>
    Wait,

    /// <summary>Some of the gateway's own bytes are sent, and it must wait for their answer.</summary>
    WaitAfterOwn,

    /// <summary>Its bytes are sent as they are.</summary>
    Raw,

    /// <summary>Its bytes are sent after some of the gateway's own, to which no answer comes.</summary>
    RawAfterOwn,

    /// <summary>The gateway's own bytes are sent instead.</summary>
    OwnInstead,

    /// <summary>Nothing is sent: it was answered here.</summary>
    Answered,
}
