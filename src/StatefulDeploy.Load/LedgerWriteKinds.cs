namespace StatefulDeploy.Load;

/// <summary>The ways a ledger writes a number, each of which shows another kind of mistake.</summary>
[Flags]
public enum LedgerWriteKinds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A record of its own for each number: shows losses, and damage to a value.</summary>
    Record = 1,

    /// <summary>An increment of the client's counter: shows losses and writes that were applied twice.</summary>
    Counter = 2,

    /// <summary>The number pushed onto the client's list: shows which number was lost, applied twice or applied out of order.</summary>
    List = 4,

    /// <summary>The number appended to the client's text: as the list, by a command that rewrites a value.</summary>
    Append = 8,

    /// <summary>All of them.</summary>
    All = Record | Counter | List | Append,
}
