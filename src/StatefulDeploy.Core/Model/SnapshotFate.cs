namespace StatefulDeploy.Model;

/// <summary>What retention does with a snapshot.</summary>
public enum SnapshotFate
{
    /// <summary>It stays where it is.</summary>
    Kept,

    /// <summary>It goes to the archive.</summary>
    Archived,

    /// <summary>It is removed.</summary>
    Removed,
}
