using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow;

/// <summary>The operations behind every cmdlet and command. One instance a process: it keeps the leases that the process holds.</summary>
public sealed class UpgradeOperations : IUpgradeOperations, IAsyncDisposable
{
    private readonly UpgradeConduct _conduct;

    /// <summary>The operations on a platform.</summary>
    public UpgradeOperations(IPlatform platform)
        : this(platform, SessionPool.Operator, TimeProvider.System, new NoFaults())
    {
    }

    internal UpgradeOperations(IPlatform platform, string role, TimeProvider clock, IFaultPoints faults) =>
        _conduct = new UpgradeConduct(platform, role, clock, faults);

    /// <summary>The operations of a keeper, which takes over for a dead operator.</summary>
    public static UpgradeOperations ForKeeper(IPlatform platform) => new(platform, SessionPool.Keeper, TimeProvider.System, new NoFaults());

    /// <inheritdoc/>
    public Task<StatefulCluster> GetClusterAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Reading the service", () => _conduct.GetClusterAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<UpgradePlan> PlanAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Planning", () => _conduct.PlanAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<StatefulCluster> RunAsync(UpgradeStretch stretch, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync($"Stretch {stretch}", () => _conduct.RunAsync(stretch, request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<VerificationReport> TestGreenAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Verification", () => _conduct.TestGreenAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ReplicationStatus> GetReplicationAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Looking at replication", () => _conduct.GetReplicationAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ReplicationStatus> StopReplicationAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Ending replication", () => _conduct.StopReplicationAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ComparisonResult> CompareAsync(UpgradeRequest request, ComparisonOptions options, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("The comparison", () => _conduct.CompareAsync(request, options, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<StatefulCluster> OpenWritesAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Opening writes", () => _conduct.OpenWritesAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<UpgradeSummary>> ListUpgradesAsync(UpgradeRequest request, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Reading the journals", () => _conduct.ListUpgradesAsync(request), cancellationToken);

    /// <inheritdoc/>
    public Task<StatefulCluster> ResumeAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Resuming", () => _conduct.ResumeAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<StatefulCluster> UndoAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Taking the upgrade back", () => _conduct.UndoAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<UpgradeSummary> StopAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Stopping", () => _conduct.StopAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<UpgradeSummary> ExportReportAsync(UpgradeRequest request, string? htmlPath, string? jsonPath, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Writing the report", () => _conduct.ExportReportAsync(request, htmlPath, jsonPath), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _conduct.DisposeAsync();
}
