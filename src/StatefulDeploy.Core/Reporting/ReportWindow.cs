namespace StatefulDeploy.Reporting;

/// <summary>A time in which writes waited.</summary>
/// <param name="Back">Whether the switch went from green to blue.</param>
/// <param name="ClosedAt">When the router was asked to hold writes.</param>
/// <param name="OpenedAt">When writes went on, wherever; null when that was not recorded.</param>
/// <param name="Committed">Whether it ended with the switch; otherwise the cluster that was left opened again.</param>
/// <param name="ReadsMovedAt">When reads began to go to the new cluster; null when they did not.</param>
/// <param name="Phases">What was done in it, in order and without gaps.</param>
public sealed record ReportWindow(bool Back, DateTimeOffset ClosedAt, DateTimeOffset? OpenedAt, bool Committed, DateTimeOffset? ReadsMovedAt, IReadOnlyList<ReportPhase> Phases)
{
    /// <summary>How long writes waited; null when the end was not recorded.</summary>
    public TimeSpan? ClosedFor => OpenedAt - ClosedAt;
}
