namespace StatefulDeploy.Contracts;

/// <summary>Whether somebody works on an upgrade.</summary>
public enum UpgradeStatus
{
    /// <summary>A process holds its lease.</summary>
    Running,

    /// <summary>Nobody works on it, and it can be resumed or undone.</summary>
    Stopped,

    /// <summary>A step failed and was undone; it can be resumed or undone.</summary>
    Failed,

    /// <summary>It was taken back as a whole.</summary>
    Undone,

    /// <summary>Blue is retired.</summary>
    Completed,
}
