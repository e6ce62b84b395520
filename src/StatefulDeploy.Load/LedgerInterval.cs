using System.Runtime.InteropServices;

namespace StatefulDeploy.Load;

/// <summary>A stretch of a run, in timestamps of the ledger's clock (<see cref="Ledger.Now"/>).</summary>
/// <param name="From">Its beginning.</param>
/// <param name="To">Its end.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LedgerInterval(long From, long To);
