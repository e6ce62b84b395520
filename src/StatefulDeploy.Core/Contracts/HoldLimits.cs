namespace StatefulDeploy.Contracts;

/// <summary>The bounds of a hold.</summary>
/// <param name="Deadline">After this long the hold ends by itself.</param>
/// <param name="PerRequest">No request waits longer than this; then it gets the engine's retriable error.</param>
/// <param name="MaxBytes">Bytes of held requests over all sessions.</param>
/// <param name="Drain">How long writes in flight may take to be answered; past it the hold fails and is released.</param>
public sealed record HoldLimits(TimeSpan Deadline, TimeSpan PerRequest, long MaxBytes, TimeSpan Drain);
