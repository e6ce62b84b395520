using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Snapshots;

namespace StatefulDeploy.Volumes.Tests;

/// <summary>What becomes of snapshots as they age.</summary>
public sealed class RetentionPlanTests
{
    private static readonly DateTimeOffset Now = new(2026, 7, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_newest_stays_hot_older_ones_are_archived_and_the_oldest_goes()
    {
        var fates = Judge(DataClass.Standard, Hot(1), Hot(2), Archived(10), Archived(15), Archived(40));
        Assert.Equal([SnapshotFate.Kept, SnapshotFate.Archived, SnapshotFate.Kept, SnapshotFate.Removed, SnapshotFate.Removed], fates);
    }

    [Fact]
    public void As_many_as_the_data_class_asks_for_stay_however_old_they_are() =>
        Assert.Equal([SnapshotFate.Kept, SnapshotFate.Kept, SnapshotFate.Removed], Judge(DataClass.Critical, Hot(100), Archived(200), Archived(300)));

    [Fact]
    public void A_damaged_one_is_not_counted_among_those_that_stay() =>
        Assert.Equal([SnapshotFate.Kept, SnapshotFate.Kept, SnapshotFate.Removed], Judge(DataClass.Standard, Damaged(20 - 10), Hot(20), Archived(30)));

    [Fact]
    public void An_old_damaged_one_goes_when_there_is_a_good_one() =>
        Assert.Equal([SnapshotFate.Kept, SnapshotFate.Removed], Judge(DataClass.Standard, Hot(1), Damaged(20)));

    [Fact]
    public void Damaged_ones_alone_are_all_kept() =>
        Assert.Equal([SnapshotFate.Kept], Judge(DataClass.Standard, Damaged(20)));

    [Fact]
    public void More_may_stay_hot_by_an_own_data_class() =>
        Assert.Equal([SnapshotFate.Kept, SnapshotFate.Kept, SnapshotFate.Archived], Judge(DataClass.Standard with { HotSnapshots = 2 }, Hot(1), Hot(2), Hot(3)));

    [Theory]
    [InlineData("standard")]
    [InlineData("rebuildable")]
    public void A_retention_that_would_delete_the_only_one_is_refused(string dataClass)
    {
        var error = Assert.Throws<UpgradeException>(() => Judge(DataClass.BuiltIn.Single(one => one.Name == dataClass), Damaged(1), Archived(20)));
        Assert.Equal("RetentionLeavesNone", error.ErrorId);
    }

    private static IEnumerable<SnapshotFate> Judge(DataClass dataClass, params ClusterSnapshot[] snapshots) =>
        RetentionPlan.Of("orders-1", snapshots, dataClass, Now).Select(result => result.Fate);

    private static ClusterSnapshot Hot(int days) => new() { SnapshotId = $"orders-1-{days}", Service = "orders", Node = "orders-1", Version = "7.0", TakenAt = Now - TimeSpan.FromDays(days) };

    private static ClusterSnapshot Archived(int days) => Hot(days) with { Kind = SnapshotKind.Archived };

    private static ClusterSnapshot Damaged(int days) => Hot(days) with { Good = false, Message = "its archive is gone" };
}
