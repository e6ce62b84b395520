namespace StatefulDeploy.Reporting;

/// <summary>Something that happened besides the steps.</summary>
/// <param name="Time">When.</param>
/// <param name="Step">The step it belongs to; empty when none.</param>
/// <param name="Text">What.</param>
public sealed record ReportNote(DateTimeOffset Time, string Step, string Text);
