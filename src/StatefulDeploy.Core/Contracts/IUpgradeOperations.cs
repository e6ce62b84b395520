using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>
/// The operations behind every cmdlet and every command: one request in, one result out, progress to the reporter. All failures are
/// <see cref="UpgradeException"/>s. Cancelling the token undoes the stretch under way, and the call returns only when the undo has ended.
/// </summary>
public interface IUpgradeOperations
{
    /// <summary>Reads the service and asks its nodes; touches nothing.</summary>
    Task<StatefulCluster> GetClusterAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken);

    /// <summary>Every step, what it will change, capacity, expected gap and findings; touches nothing.</summary>
    Task<UpgradePlan> PlanAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken);

    /// <summary>Runs a stretch of the workflow; steps that are done already are checked and skipped.</summary>
    Task<StatefulCluster> RunAsync(UpgradeStretch stretch, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken);

    /// <summary>Runs the verification suites and the comparison against green.</summary>
    Task<VerificationReport> TestGreenAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken);

    /// <summary>How far replication has come.</summary>
    Task<ReplicationStatus> GetReplicationAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken);

    /// <summary>Ends replication; green keeps what it has and stays closed.</summary>
    Task<ReplicationStatus> StopReplicationAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken);

    /// <summary>Compares all data of blue and green.</summary>
    Task<ComparisonResult> CompareAsync(UpgradeRequest request, ComparisonOptions options, IReporter reporter, CancellationToken cancellationToken);

    /// <summary>Ends a read-only window without a switch.</summary>
    Task<StatefulCluster> OpenWritesAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken);

    /// <summary>The upgrades in a journal folder, newest first; of one service when the request names one.</summary>
    Task<IReadOnlyList<UpgradeSummary>> ListUpgradesAsync(UpgradeRequest request, CancellationToken cancellationToken);

    /// <summary>Goes on with an upgrade that stopped: probes what is, then acts.</summary>
    Task<StatefulCluster> ResumeAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken);

    /// <summary>Takes an upgrade back: before the switch green is removed, after it traffic goes back to blue without loss.</summary>
    Task<StatefulCluster> UndoAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken);

    /// <summary>Asks a running upgrade, in whatever process, to stop at the next step where nothing is closed.</summary>
    Task<UpgradeSummary> StopAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken);

    /// <summary>Writes the run report.</summary>
    /// <param name="request">Which upgrade.</param>
    /// <param name="htmlPath">Where the page goes; null for none.</param>
    /// <param name="jsonPath">Where the document goes; null for none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<UpgradeSummary> ExportReportAsync(UpgradeRequest request, string? htmlPath, string? jsonPath, CancellationToken cancellationToken);
}
