using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Snapshots;

/// <summary>What a data class keeps of a node's snapshots: the newest beside the data, older ones in the archive, the oldest not at all; never less than the last good one.</summary>
internal static class RetentionPlan
{
    /// <summary>The fate of each snapshot of one node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="snapshots">Its snapshots, newest first.</param>
    /// <param name="dataClass">What is kept.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="UpgradeException">Its only good snapshot would have to go.</exception>
    internal static IReadOnlyList<SnapshotRetentionResult> Of(string node, IReadOnlyList<ClusterSnapshot> snapshots, DataClass dataClass, DateTimeOffset now)
    {
        var good = snapshots.Where(snapshot => snapshot.Good).ToList();
        if (good is [var only] && IsOld(only, dataClass, now))
        {
            throw new UpgradeException(
                "RetentionLeavesNone",
                $"Snapshot '{only.SnapshotId}' is older than the {Quantity.Text(dataClass.SnapshotRetention)} that data class '{dataClass.Name}' keeps, but it is the only good one of node '{node}': without it nothing could be restored.",
                "Take a new one with New-ClusterSnapshot, then let retention run again. Nothing was removed.",
                FailureCategory.Refused)
            { Target = only.SnapshotId };
        }

        return [.. snapshots.Select(snapshot => Judge(snapshot, good.IndexOf(snapshot), good.Count, dataClass, now))];
    }

    private static SnapshotRetentionResult Judge(ClusterSnapshot snapshot, int place, int goodOnes, DataClass dataClass, DateTimeOffset now)
    {
        var keep = Math.Max(1, dataClass.ColdCopies);
        if (!snapshot.Good)
        {
            return IsOld(snapshot, dataClass, now) && goodOnes > 0
                ? Result(snapshot, SnapshotFate.Removed, $"damaged, and older than {Quantity.Text(dataClass.SnapshotRetention)}")
                : Result(snapshot, SnapshotFate.Kept, $"damaged: {snapshot.Message}");
        }

        if (IsOld(snapshot, dataClass, now) && place >= keep)
        {
            return Result(snapshot, SnapshotFate.Removed, $"older than {Quantity.Text(dataClass.SnapshotRetention)}, and {place} newer one(s) are good");
        }

        if (snapshot.Kind == SnapshotKind.Hot && place >= dataClass.HotSnapshots)
        {
            return Result(snapshot, SnapshotFate.Archived, $"only the newest {dataClass.HotSnapshots} stay beside the data");
        }

        return Result(snapshot, SnapshotFate.Kept, snapshot.Kind == SnapshotKind.Hot ? $"among the newest {dataClass.HotSnapshots}"
            : IsOld(snapshot, dataClass, now) ? $"data class '{dataClass.Name}' keeps {keep}, however old"
            : $"not older than {Quantity.Text(dataClass.SnapshotRetention)}");
    }

    private static bool IsOld(ClusterSnapshot snapshot, DataClass dataClass, DateTimeOffset now) => now - snapshot.TakenAt > dataClass.SnapshotRetention;

    private static SnapshotRetentionResult Result(ClusterSnapshot snapshot, SnapshotFate fate, string reason) => new()
    {
        SnapshotId = snapshot.SnapshotId,
        Service = snapshot.Service,
        Node = snapshot.Node,
        TakenAt = snapshot.TakenAt,
        DataBytes = snapshot.DataBytes,
        Fate = fate,
        Reason = reason,
        Location = fate == SnapshotFate.Removed ? string.Empty : snapshot.Location,
    };
}
