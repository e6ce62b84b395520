namespace StatefulDeploy.Model;

/// <summary>Where a snapshot is kept.</summary>
public enum SnapshotKind
{
    /// <summary>Beside the data, on the same file system: restored in moments, lost with the disk.</summary>
    Hot,

    /// <summary>Compressed and checksummed in the archive.</summary>
    Archived,
}
