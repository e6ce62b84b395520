namespace StatefulDeploy.Gateway.Admin;

/// <summary>The bounds of a hold as they are asked for, in milliseconds and bytes.</summary>
internal sealed record HoldRequest(long DeadlineMs, long RequestLimitMs, long MaxBytes, long DrainMs, long TransactionGraceMs);
