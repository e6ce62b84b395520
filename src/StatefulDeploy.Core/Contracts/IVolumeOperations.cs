using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>The operations behind the cmdlets of volumes and snapshots. All failures are <see cref="UpgradeException"/>s.</summary>
public interface IVolumeOperations
{
    /// <summary>Asks every host of the service where its volumes are; touches nothing.</summary>
    Task<IReadOnlyList<ClusterVolume>> GetVolumesAsync(VolumeRequest request, IReporter reporter, CancellationToken cancellationToken);

    /// <summary>Takes a volume from the host that has it to the host of a node, and mounts it there.</summary>
    /// <exception cref="UpgradeException">The node is not in the cluster, somebody holds the volume, or the host cannot take it; the volume is where it was, or the message says where.</exception>
    Task<ClusterVolume> MoveVolumeAsync(VolumeRequest request, IReporter reporter, CancellationToken cancellationToken);

    /// <summary>Takes a snapshot of each node that is meant.</summary>
    Task<IReadOnlyList<ClusterSnapshot>> TakeSnapshotsAsync(VolumeRequest request, IReporter reporter, CancellationToken cancellationToken);

    /// <summary>The snapshots that there are, newest first.</summary>
    Task<IReadOnlyList<ClusterSnapshot>> GetSnapshotsAsync(VolumeRequest request, IReporter reporter, CancellationToken cancellationToken);

    /// <summary>Puts a snapshot in the place of its node's data. What was there is kept aside until retention ends.</summary>
    /// <exception cref="UpgradeException">The node runs, the snapshot is damaged, or there is no room; nothing was changed.</exception>
    Task<ClusterSnapshot> RestoreSnapshotAsync(VolumeRequest request, IReporter reporter, CancellationToken cancellationToken);

    /// <summary>Removes a snapshot.</summary>
    /// <exception cref="UpgradeException">It is the last good one of its node.</exception>
    Task<ClusterSnapshot> RemoveSnapshotAsync(VolumeRequest request, IReporter reporter, CancellationToken cancellationToken);

    /// <summary>What retention would do.</summary>
    /// <exception cref="UpgradeException">It would leave a node without any good snapshot.</exception>
    Task<IReadOnlyList<SnapshotRetentionResult>> PlanRetentionAsync(VolumeRequest request, IReporter reporter, CancellationToken cancellationToken);

    /// <summary>Archives and removes what the data class says.</summary>
    /// <exception cref="UpgradeException">It would leave a node without any good snapshot; nothing was removed.</exception>
    Task<IReadOnlyList<SnapshotRetentionResult>> ApplyRetentionAsync(VolumeRequest request, IReporter reporter, CancellationToken cancellationToken);
}
