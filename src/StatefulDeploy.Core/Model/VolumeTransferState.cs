namespace StatefulDeploy.Model;

/// <summary>Where a volume is on its way from an old server to a new one.</summary>
public enum VolumeTransferState
{
    /// <summary>Its turn has not come: the old server runs on it.</summary>
    Waiting,

    /// <summary>It is being moved.</summary>
    Moving,

    /// <summary>The new server runs on it.</summary>
    Moved,

    /// <summary>It is being taken back.</summary>
    Returning,

    /// <summary>The old server runs on it again.</summary>
    Returned,

    /// <summary>Neither could be brought to its end; the journal tells why.</summary>
    Failed,
}
