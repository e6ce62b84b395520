namespace StatefulDeploy.Contracts;

/// <summary>How a window was decided.</summary>
public enum WindowOutcome
{
    /// <summary>Not yet.</summary>
    Undecided,

    /// <summary>For the target: it may be opened.</summary>
    Committed,

    /// <summary>For the source: it may be opened again.</summary>
    Expired,
}
