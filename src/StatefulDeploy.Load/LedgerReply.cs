using System.Runtime.InteropServices;

namespace StatefulDeploy.Load;

/// <summary>The service's answer to one write or read.</summary>
/// <param name="Answer">What was said.</param>
/// <param name="At">When it was heard, as a timestamp of the ledger's clock.</param>
/// <param name="Counter">The counter's value, where the request touched the counter; otherwise 0.</param>
/// <param name="Error">The service's error, if it refused.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LedgerReply(LedgerAnswer Answer, long At, long Counter = 0, string? Error = null);
