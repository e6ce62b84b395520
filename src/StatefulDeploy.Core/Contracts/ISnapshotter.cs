namespace StatefulDeploy.Contracts;

/// <summary>Makes restorable copies of a cluster.</summary>
public interface ISnapshotter
{
    /// <summary>Copies source's data to a folder while it serves, one file or folder a shard, each with a checksum beside it.</summary>
    /// <returns>What was made.</returns>
    Task<SnapshotRecord> TakeAsync(EngineContext context, string folder, CancellationToken cancellationToken);
}
