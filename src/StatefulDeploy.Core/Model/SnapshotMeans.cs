namespace StatefulDeploy.Model;

/// <summary>How a snapshot was made.</summary>
public enum SnapshotMeans
{
    /// <summary>The file system shares the blocks until one side changes them: no time and no room, whatever the size.</summary>
    Reflink,

    /// <summary>Every byte was copied.</summary>
    Copy,
}
