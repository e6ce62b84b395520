namespace StatefulDeploy.Reporting;

/// <summary>How a step of a run ended.</summary>
public enum StepOutcome
{
    /// <summary>It neither succeeded nor failed: the process ended in it, or it is under way.</summary>
    Unfinished,

    /// <summary>It acted and was verified.</summary>
    Done,

    /// <summary>It failed.</summary>
    Failed,

    /// <summary>It was done, and taken back later.</summary>
    Undone,
}
