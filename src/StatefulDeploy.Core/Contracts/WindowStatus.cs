namespace StatefulDeploy.Contracts;

/// <summary>A window as the guard knows it.</summary>
/// <param name="Plan">What was armed.</param>
/// <param name="Outcome">What was decided.</param>
/// <param name="Deadline">When it expires by itself.</param>
/// <param name="Settled">Whether the watcher (or the orchestrator through it) has opened what the outcome calls for.</param>
public sealed record WindowStatus(WindowPlan Plan, WindowOutcome Outcome, DateTimeOffset Deadline, bool Settled);
