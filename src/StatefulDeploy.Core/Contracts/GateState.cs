namespace StatefulDeploy.Contracts;

/// <summary>What a write probe found.</summary>
public enum GateState
{
    /// <summary>The write was accepted.</summary>
    Open,

    /// <summary>The write was refused by the fence.</summary>
    Closed,

    /// <summary>The node takes no client writes for another reason, such as being a replica.</summary>
    NotWriter,

    /// <summary>The node did not answer.</summary>
    Unreachable,
}
