using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Snapshots;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Volumes;

/// <summary>The operations behind the cmdlets of volumes and snapshots. What changes something holds the lease of the service meanwhile, so that it never meets an upgrade.</summary>
public sealed class VolumeOperations : IVolumeOperations
{
    private readonly IPlatform _platform;
    private readonly TimeProvider _clock;

    /// <summary>The operations on a platform.</summary>
    public VolumeOperations(IPlatform platform)
        : this(platform, TimeProvider.System)
    {
    }

    internal VolumeOperations(IPlatform platform, TimeProvider clock)
    {
        _platform = platform;
        _clock = clock;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<ClusterVolume>> GetVolumesAsync(VolumeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        ReadAsync("Looking at the volumes", request, reporter, work => DescribeAsync(work, request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ClusterVolume> MoveVolumeAsync(VolumeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        ChangeAsync("Moving the volume", request, reporter, work => MoveAsync(work, request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ClusterSnapshot>> TakeSnapshotsAsync(VolumeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        ChangeAsync("Taking snapshots", request, reporter, work => TakeAsync(work, request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ClusterSnapshot>> GetSnapshotsAsync(VolumeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        ReadAsync("Looking at the snapshots", request, reporter, work => ListAsync(work, request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ClusterSnapshot> RestoreSnapshotAsync(VolumeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        ChangeAsync("Restoring the snapshot", request, reporter, work => RestoreAsync(work, request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ClusterSnapshot> RemoveSnapshotAsync(VolumeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        ChangeAsync("Removing the snapshot", request, reporter, work => RemoveAsync(work, request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<SnapshotRetentionResult>> PlanRetentionAsync(VolumeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        ReadAsync("Planning retention", request, reporter, work => PlanAsync(work, request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<SnapshotRetentionResult>> ApplyRetentionAsync(VolumeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        ChangeAsync("Retention", request, reporter, work => new RetentionRun(work, _clock).ApplyAsync(request, cancellationToken), cancellationToken);

    private static async Task<IReadOnlyList<ClusterVolume>> DescribeAsync(VolumeWork work, VolumeRequest request, CancellationToken cancellationToken)
    {
        var volumes = request.Volume is { } name ? [work.Scene.Volume(name)] : work.Scene.Service.Volumes;
        var node = request.Node is { } wanted ? work.Scene.Node(wanted).Name : null;
        var inventory = new VolumeInventory(work.Scene);
        var found = new List<ClusterVolume>();
        foreach (var volume in volumes.Where(volume => node is null || volume.Node == node))
        {
            found.Add(await inventory.DescribeAsync(volume, cancellationToken));
        }

        return found;
    }

    private async Task<ClusterVolume> MoveAsync(VolumeWork work, VolumeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var volume = work.Scene.Volume(request.Volume ?? string.Empty);
        var node = work.Scene.Node(request.Node ?? volume.Node);
        await new VolumeMove(work.Scene, reporter, _clock).ToAsync(volume, work.Scene.Hosts[node.Host], cancellationToken);
        return await new VolumeInventory(work.Scene).DescribeAsync(volume, cancellationToken);
    }

    private static async Task<IReadOnlyList<ClusterSnapshot>> TakeAsync(VolumeWork work, VolumeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var taken = new List<ClusterSnapshot>();
        foreach (var storage in work.StoragesOf(request))
        {
            await RestoreMark.RequireNoneAsync(storage, cancellationToken);
            var snapshot = await work.Taking.TakeAsync(storage, cancellationToken);
            Tell(reporter, $"Snapshot '{snapshot.SnapshotId}': {snapshot.Files} file(s), {Quantity.Text((double)snapshot.DataBytes)}, by {snapshot.Means}.");
            taken.Add(request.Archive ? await SnapshotArchive.StoreAsync(storage, snapshot, cancellationToken) : snapshot);
        }

        return taken;
    }

    private static async Task<IReadOnlyList<ClusterSnapshot>> ListAsync(VolumeWork work, VolumeRequest request, CancellationToken cancellationToken)
    {
        var found = new List<ClusterSnapshot>();
        foreach (var storage in work.StoragesOf(request))
        {
            found.AddRange(await work.Catalog.ListAsync(storage, cancellationToken));
        }

        return [.. found.Where(snapshot => request.SnapshotId is null || snapshot.SnapshotId == request.SnapshotId).OrderByDescending(snapshot => snapshot.TakenAt)];
    }

    private async Task<ClusterSnapshot> RestoreAsync(VolumeWork work, VolumeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        var (storage, snapshot, _) = await work.FindAsync(request, cancellationToken);
        var replaced = await new SnapshotRestore(work.Scene, work.Taking, _clock).RunAsync(storage, snapshot, cancellationToken);
        Tell(reporter, $"Snapshot '{snapshot.SnapshotId}' is in '{storage.Data}'; what was there is in '{replaced}' on host '{storage.Host.Name}'.");
        return snapshot;
    }

    private static async Task<ClusterSnapshot> RemoveAsync(VolumeWork work, VolumeRequest request, CancellationToken cancellationToken)
    {
        var (storage, snapshot, all) = await work.FindAsync(request, cancellationToken);
        if (snapshot.Good)
        {
            await RetentionRun.RequireAnotherAsync(storage, all.Where(other => other.SnapshotId != snapshot.SnapshotId), snapshot, cancellationToken);
        }

        await SnapshotArchive.RemoveAsync(storage, snapshot, cancellationToken);
        return snapshot;
    }

    private async Task<IReadOnlyList<SnapshotRetentionResult>> PlanAsync(VolumeWork work, VolumeRequest request, CancellationToken cancellationToken) =>
        [.. (await new RetentionRun(work, _clock).PlanAsync(request, cancellationToken)).SelectMany(plan => plan.Results)];

    private Task<T> ReadAsync<T>(string what, VolumeRequest request, IReporter reporter, Func<VolumeWork, Task<T>> act, CancellationToken cancellationToken) =>
        Failures.ExplainAsync(
            what,
            async () =>
            {
                using var work = await VolumeWork.OpenAsync(_platform, request, reporter, _clock, cancellationToken);
                return await act(work);
            },
            cancellationToken);

    private Task<T> ChangeAsync<T>(string what, VolumeRequest request, IReporter reporter, Func<VolumeWork, Task<T>> act, CancellationToken cancellationToken) => ReadAsync(what, request, reporter, async work =>
    {
        var subject = work.Subject;
        await using var lease = await subject.Store.AcquireAsync(subject.Service.Name, subject.State?.UpgradeId ?? "volumes", SessionPool.Operator, cancellationToken);
        return await act(work);
    }, cancellationToken);

    private static void Tell(IReporter reporter, string message) => reporter.Report(new ReportEvent(ReportLevel.Information, message));
}
