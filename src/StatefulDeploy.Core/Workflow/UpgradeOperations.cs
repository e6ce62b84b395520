using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Workflow.Shards;

namespace StatefulDeploy.Workflow;

/// <summary>The operations behind every cmdlet and command. One instance a process: it keeps the leases that the process holds.</summary>
public sealed class UpgradeOperations : IUpgradeOperations, IAsyncDisposable
{
    private readonly IPlatform _platform;
    private readonly UpgradeConduct _conduct;
    private readonly WholeConduct _whole;

    /// <summary>The operations on a platform.</summary>
    public UpgradeOperations(IPlatform platform)
        : this(platform, SessionPool.Operator, TimeProvider.System, new NoFaults())
    {
    }

    internal UpgradeOperations(IPlatform platform, string role, TimeProvider clock, IFaultPoints faults)
    {
        _platform = platform;
        _conduct = new UpgradeConduct(platform, role, clock, faults);
        _whole = new WholeConduct(platform, role, clock, faults);
    }

    /// <summary>The operations of a keeper, which takes over for a dead operator.</summary>
    public static UpgradeOperations ForKeeper(IPlatform platform) => new(platform, SessionPool.Keeper, TimeProvider.System, new NoFaults());

    /// <inheritdoc/>
    public Task<StatefulCluster> GetClusterAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Reading the service", () => IsWhole(request) ? _whole.GetClusterAsync(request, reporter, cancellationToken) : _conduct.GetClusterAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<UpgradePlan> PlanAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Planning", () => IsWhole(request) ? _whole.PlanAsync(request, reporter, cancellationToken) : _conduct.PlanAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<StatefulCluster> RunAsync(UpgradeStretch stretch, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync($"Stretch {stretch}", () => IsWhole(request) ? _whole.RunAsync(stretch, request, reporter, cancellationToken) : _conduct.RunAsync(stretch, request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<VerificationReport> TestGreenAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Verification", () => OneShard(request).TestGreenAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ReplicationStatus> GetReplicationAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Looking at replication", () => OneShard(request).GetReplicationAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ReplicationStatus> StopReplicationAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Ending replication", () => OneShard(request).StopReplicationAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ComparisonResult> CompareAsync(UpgradeRequest request, ComparisonOptions options, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("The comparison", () => OneShard(request).CompareAsync(request, options, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<StatefulCluster> OpenWritesAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Opening writes", () => OneShard(request).OpenWritesAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<UpgradeSummary>> ListUpgradesAsync(UpgradeRequest request, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Reading the journals", () => _conduct.ListUpgradesAsync(request), cancellationToken);

    /// <inheritdoc/>
    public Task<StatefulCluster> ResumeAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Resuming", () => IsWhole(request) ? _whole.ResumeAsync(request, reporter, cancellationToken) : _conduct.ResumeAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<StatefulCluster> UndoAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Taking the upgrade back", () => IsWhole(request) ? _whole.UndoAsync(request, reporter, cancellationToken) : _conduct.UndoAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<UpgradeSummary> StopAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Stopping", () => _conduct.StopAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<UpgradeSummary> ExportReportAsync(UpgradeRequest request, string? htmlPath, string? jsonPath, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Writing the report", () => _conduct.ExportReportAsync(request, htmlPath, jsonPath), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _conduct.DisposeAsync();

    private bool IsWhole(UpgradeRequest request) => UpgradeSubject.ServiceOf(_platform, request).Parts.Count > 0;

    private UpgradeConduct OneShard(UpgradeRequest request) =>
        UpgradeSubject.ServiceOf(_platform, request) is { Parts.Count: > 0 } service ? throw WholeConduct.OneShard(service) : _conduct;
}
