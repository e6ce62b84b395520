namespace StatefulDeploy.Reporting;

/// <summary>A part of a closed window.</summary>
/// <param name="Name">What was done in it.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended.</param>
public sealed record ReportPhase(string Name, DateTimeOffset StartedAt, DateTimeOffset EndedAt);
