namespace StatefulDeploy.Contracts;

/// <summary>How an event is shown.</summary>
public enum ReportLevel
{
    /// <summary>Redacted commands.</summary>
    Debug,

    /// <summary>Steps.</summary>
    Verbose,

    /// <summary>How far a long act has come.</summary>
    Progress,

    /// <summary>Milestones.</summary>
    Information,

    /// <summary>Risks.</summary>
    Warning,
}
