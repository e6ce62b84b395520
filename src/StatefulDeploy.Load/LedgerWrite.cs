using System.Runtime.InteropServices;

namespace StatefulDeploy.Load;

/// <summary>One numbered write of one client. Several kinds at once are one transaction.</summary>
/// <param name="Client">The writing client, from 0.</param>
/// <param name="Number">The client's own number of this write, from 0; never used twice.</param>
/// <param name="Kinds">What is written.</param>
/// <param name="Transaction">Whether the kinds are written in one transaction of the engine.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LedgerWrite(int Client, long Number, LedgerWriteKinds Kinds, bool Transaction);
