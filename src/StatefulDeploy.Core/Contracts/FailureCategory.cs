namespace StatefulDeploy.Contracts;

/// <summary>The kinds of failures; each maps to an error category of PowerShell and an exit code of the command line.</summary>
public enum FailureCategory
{
    /// <summary>An act failed.</summary>
    OperationFailed,

    /// <summary>The input is wrong.</summary>
    InvalidInput,

    /// <summary>Something that was named does not exist.</summary>
    NotFound,

    /// <summary>The service or cluster is not in the state that the act needs.</summary>
    WrongState,

    /// <summary>Somebody else holds the service.</summary>
    Busy,

    /// <summary>A node, host or router cannot be reached.</summary>
    Unreachable,

    /// <summary>The password, key or privilege is refused.</summary>
    AccessDenied,

    /// <summary>Preflight or a gate refused; nothing was touched.</summary>
    Refused,

    /// <summary>Memory, disk, ports or quota do not suffice.</summary>
    Capacity,

    /// <summary>A journal or another file of ours is damaged, or from a newer version.</summary>
    Damaged,

    /// <summary>A wait ended at its deadline.</summary>
    Timeout,

    /// <summary>An older epoch was refused: somebody else has taken over.</summary>
    StaleEpoch,
}
