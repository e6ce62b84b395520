namespace StatefulDeploy.Engines.Redis.Relay;

/// <summary>Where a relay stands.</summary>
internal enum RelayPhase
{
    /// <summary>It feeds blue, or tries to.</summary>
    Running,

    /// <summary>It ended for good: the way back is gone.</summary>
    Broken,

    /// <summary>Blue was promoted: its work is done.</summary>
    Done,
}
