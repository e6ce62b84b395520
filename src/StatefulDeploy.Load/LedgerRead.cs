using System.Runtime.InteropServices;

namespace StatefulDeploy.Load;

/// <summary>One read of what a client wrote.</summary>
/// <param name="Client">The client that wrote it.</param>
/// <param name="Number">The number of the record, or <see cref="Counter"/> for the client's counter.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LedgerRead(int Client, long Number)
{
    /// <summary>In place of a number: the client's counter.</summary>
    public const long Counter = -1;
}
