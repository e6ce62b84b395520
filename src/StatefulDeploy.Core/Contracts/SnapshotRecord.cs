namespace StatefulDeploy.Contracts;

/// <summary>A restorable copy.</summary>
/// <param name="Id">Its id: the upgrade and the moment.</param>
/// <param name="Folder">Where it lies.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="TakenAt">When it was taken.</param>
/// <param name="Sha256">Checksums by file name.</param>
public sealed record SnapshotRecord(string Id, string Folder, long Bytes, DateTimeOffset TakenAt, IReadOnlyDictionary<string, string> Sha256);
