using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Workflow.Shards;

namespace StatefulDeploy.Workflow;

/// <summary>The operations behind every cmdlet and command. One instance a process: it keeps the leases that the process holds.</summary>
public sealed class UpgradeOperations : IUpgradeOperations, IAsyncDisposable
{
    private readonly IPlatform _platform;
    private readonly TimeProvider _clock;
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
        _clock = clock;
        _conduct = new UpgradeConduct(platform, role, clock, faults);
        _whole = new WholeConduct(platform, role, clock, faults);
    }

    /// <summary>The operations of a keeper, which takes over for a dead operator.</summary>
    public static UpgradeOperations ForKeeper(IPlatform platform) => new(platform, SessionPool.Keeper, TimeProvider.System, new NoFaults());

    /// <inheritdoc/>
    public Task<StatefulCluster> GetClusterAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Reading the service", async () => await IsWholeAsync(request, cancellationToken) ? await _whole.GetClusterAsync(request, reporter, cancellationToken) : await _conduct.GetClusterAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<UpgradePlan> PlanAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Planning", async () => await IsWholeAsync(request, cancellationToken) ? await _whole.PlanAsync(request, reporter, cancellationToken) : await _conduct.PlanAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<StatefulCluster> RunAsync(UpgradeStretch stretch, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync($"Stretch {stretch}", async () => await IsWholeAsync(request, cancellationToken) ? await _whole.RunAsync(stretch, request, reporter, cancellationToken) : await _conduct.RunAsync(stretch, request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<VerificationReport> TestGreenAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Verification", async () => await (await OneShardAsync(request, cancellationToken)).TestGreenAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ReplicationStatus> GetReplicationAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Looking at replication", async () => await (await OneShardAsync(request, cancellationToken)).GetReplicationAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ReplicationStatus> StopReplicationAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Ending replication", async () => await (await OneShardAsync(request, cancellationToken)).StopReplicationAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<ComparisonResult> CompareAsync(UpgradeRequest request, ComparisonOptions options, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("The comparison", async () => await (await OneShardAsync(request, cancellationToken)).CompareAsync(request, options, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<StatefulCluster> OpenWritesAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Opening writes", async () => await (await OneShardAsync(request, cancellationToken)).OpenWritesAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<UpgradeSummary>> ListUpgradesAsync(UpgradeRequest request, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Reading the journals", () => _conduct.ListUpgradesAsync(request, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<StatefulCluster> ResumeAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Resuming", async () => await IsWholeAsync(request, cancellationToken) ? await _whole.ResumeAsync(request, reporter, cancellationToken) : await _conduct.ResumeAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<StatefulCluster> UndoAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Taking the upgrade back", async () => await IsWholeAsync(request, cancellationToken) ? await _whole.UndoAsync(request, reporter, cancellationToken) : await _conduct.UndoAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<UpgradeSummary> StopAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Stopping", () => _conduct.StopAsync(request, reporter, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<UpgradeSummary> ExportReportAsync(UpgradeRequest request, string? htmlPath, string? jsonPath, CancellationToken cancellationToken) =>
        Failures.ExplainAsync("Writing the report", () => _conduct.ExportReportAsync(request, htmlPath, jsonPath, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _conduct.DisposeAsync();

    private async Task<bool> IsWholeAsync(UpgradeRequest request, CancellationToken cancellationToken) =>
        (await UpgradeSubject.ServiceOfAsync(_platform, request, _clock, cancellationToken)).Parts.Count > 0;

    private async Task<UpgradeConduct> OneShardAsync(UpgradeRequest request, CancellationToken cancellationToken) =>
        await UpgradeSubject.ServiceOfAsync(_platform, request, _clock, cancellationToken) is { Parts.Count: > 0 } service ? throw WholeConduct.OneShard(service) : _conduct;
}
