namespace StatefulDeploy.SharedJournal.Tests;

/// <summary>What becomes of a request on its way.</summary>
internal enum Fault
{
    /// <summary>It is passed on, and so is the answer.</summary>
    None,

    /// <summary>HTTP 429.</summary>
    Throttled,

    /// <summary>HTTP 503.</summary>
    Unavailable,

    /// <summary>The connection breaks before storage has heard of it.</summary>
    CutBefore,

    /// <summary>The connection breaks when storage has done it.</summary>
    CutAfter,
}
