using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Volumes;

namespace StatefulDeploy.Snapshots;

/// <summary>Carries retention out: archives first, reads all of what stays, and only then removes.</summary>
internal sealed class RetentionRun(VolumeWork work, TimeProvider clock)
{
    /// <summary>What would be done, for each node.</summary>
    /// <exception cref="UpgradeException">A node would be left without any good snapshot.</exception>
    internal async Task<IReadOnlyList<(NodeStorage Storage, IReadOnlyList<ClusterSnapshot> Snapshots, IReadOnlyList<SnapshotRetentionResult> Results)>> PlanAsync(VolumeRequest request, CancellationToken cancellationToken)
    {
        var plans = new List<(NodeStorage, IReadOnlyList<ClusterSnapshot>, IReadOnlyList<SnapshotRetentionResult>)>();
        foreach (var storage in work.StoragesOf(request))
        {
            var snapshots = await work.Catalog.ListAsync(storage, cancellationToken);
            plans.Add((storage, snapshots, RetentionPlan.Of(storage.Node.Name, snapshots, work.Scene.Service.DataClass, clock.GetUtcNow())));
        }

        return plans;
    }

    /// <summary>Does it. All plans are made first: a node that refuses stops everything while nothing has been removed.</summary>
    internal async Task<IReadOnlyList<SnapshotRetentionResult>> ApplyAsync(VolumeRequest request, CancellationToken cancellationToken)
    {
        var done = new List<SnapshotRetentionResult>();
        foreach (var (storage, snapshots, results) in await PlanAsync(request, cancellationToken))
        {
            done.AddRange(await ApplyAsync(storage, snapshots, results, cancellationToken));
        }

        return done;
    }

    /// <summary>Refuses to remove a snapshot when no other one of its node could be restored; the newest other one is read as a whole.</summary>
    /// <exception cref="UpgradeException">There is no other good one.</exception>
    internal static async Task RequireAnotherAsync(NodeStorage storage, IEnumerable<ClusterSnapshot> others, ClusterSnapshot removed, CancellationToken cancellationToken)
    {
        foreach (var other in others.Where(other => other.Good))
        {
            if (await IsWholeAsync(storage, other, cancellationToken))
            {
                return;
            }
        }

        throw new UpgradeException(
            "LastSnapshot",
            $"Snapshot '{removed.SnapshotId}' is the last good one of node '{removed.Node}': without it nothing could be restored.",
            "Take a new one with New-ClusterSnapshot first. Nothing was removed.",
            FailureCategory.Refused)
        { Target = removed.SnapshotId };
    }

    private async Task<IReadOnlyList<SnapshotRetentionResult>> ApplyAsync(NodeStorage storage, IReadOnlyList<ClusterSnapshot> snapshots, IReadOnlyList<SnapshotRetentionResult> results, CancellationToken cancellationToken)
    {
        var kept = new Dictionary<string, ClusterSnapshot>(StringComparer.Ordinal);
        foreach (var (snapshot, result) in snapshots.Zip(results).Where(pair => pair.Second.Fate != SnapshotFate.Removed))
        {
            kept[snapshot.SnapshotId] = result.Fate == SnapshotFate.Archived ? await SnapshotArchive.StoreAsync(storage, snapshot, cancellationToken) : snapshot;
        }

        var removed = snapshots.Where(snapshot => !kept.ContainsKey(snapshot.SnapshotId)).ToList();
        if (removed.Count > 0)
        {
            await RequireAnotherAsync(storage, kept.Values.OrderByDescending(snapshot => snapshot.TakenAt), removed[0], cancellationToken);
        }

        foreach (var snapshot in removed)
        {
            await SnapshotArchive.RemoveAsync(storage, snapshot, cancellationToken);
        }

        await SweepAsync(storage, cancellationToken);
        return [.. results.Select(result => kept.TryGetValue(result.SnapshotId, out var snapshot) ? result with { Location = snapshot.Location } : result)];
    }

    // What a restore has replaced goes when it is older than snapshots are kept.
    private async Task SweepAsync(NodeStorage storage, CancellationToken cancellationToken)
    {
        var minutes = (long)work.Scene.Service.DataClass.SnapshotRetention.TotalMinutes;
        await storage.Host.TryAsync("find", [storage.Work, "-mindepth", "1", "-maxdepth", "1", "-name", SnapshotRestore.ReplacedStart + "*", "-mmin", $"+{minutes}", "-exec", "rm", "-rf", "{}", "+"], cancellationToken);
    }

    private static async Task<bool> IsWholeAsync(NodeStorage storage, ClusterSnapshot snapshot, CancellationToken cancellationToken)
    {
        try
        {
            await SnapshotCatalog.RequireWholeAsync(storage.Host, snapshot, cancellationToken);
            return true;
        }
        catch (UpgradeException damaged) when (damaged.Category == FailureCategory.Damaged)
        {
            return false;
        }
    }
}
