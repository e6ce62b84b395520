using StatefulDeploy.Contracts;

namespace StatefulDeploy.Workflow.Steps;

/// <summary>Removes snapshots whose data class does not keep them any longer; the newest upgrade's always stay.</summary>
internal static class SnapshotRetention
{
    internal static void Apply(UpgradeRun run)
    {
        var folder = Path.Combine(run.Store.Folder, "snapshots");
        if (!Directory.Exists(folder))
        {
            return;
        }

        var oldest = (run.Clock.GetUtcNow() - run.Service.DataClass.SnapshotRetention).UtcDateTime;
        foreach (var old in new DirectoryInfo(folder).EnumerateDirectories()
            .Where(snapshot => !snapshot.Name.StartsWith(run.State.UpgradeId, StringComparison.Ordinal) && snapshot.LastWriteTimeUtc < oldest))
        {
            old.Delete(recursive: true);
            run.Tell(ReportLevel.Information, $"Snapshot {old.Name} was older than {run.Service.DataClass.SnapshotRetention.TotalDays:0} days and is removed.", StepName.Retire);
        }
    }
}
