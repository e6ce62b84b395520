namespace StatefulDeploy.Reporting;

/// <summary>One run of one step.</summary>
/// <param name="Name">The step.</param>
/// <param name="Back">Whether it belongs to the way back, from green to blue.</param>
/// <param name="Attempt">Which run of this step in this direction it is, from 1.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended; null when that was not recorded.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Message">Why it failed; empty when it did not.</param>
public sealed record ReportStep(string Name, bool Back, int Attempt, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, StepOutcome Outcome, string Message)
{
    /// <summary>How long it took; null when its end was not recorded.</summary>
    public TimeSpan? Elapsed => EndedAt - StartedAt;
}
