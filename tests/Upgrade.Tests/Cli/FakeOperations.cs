using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Upgrade.Tests.Verification;

namespace StatefulDeploy.Upgrade.Tests.Cli;

/// <summary>Operations that do nothing but remember what they were asked, and answer or fail as told.</summary>
internal sealed class FakeOperations : IUpgradeOperations
{
    public List<(string Operation, UpgradeRequest Request)> Asked { get; } = [];

    /// <summary>What every operation fails with; null for none.</summary>
    public Exception? Failure { get; init; }

    public IReadOnlyList<Finding> Findings { get; init; } = [];

    public static StatefulCluster Cluster { get; } = new()
    {
        Service = "orders",
        Path = "/etc/orders.yaml",
        Engine = "redis",
        Version = "7.0",
        TargetVersion = "8.0",
        State = ClusterState.Switched,
        Live = ClusterColour.Green,
        UpgradeId = "orders-1",
        Blue = Scene.Layout(ClusterColour.Blue, "7.0", 7001),
        Green = Scene.Layout(ClusterColour.Green, "8.0", 7101),
        ClosedFor = TimeSpan.FromMilliseconds(8.25),
    };

    private static UpgradeSummary Summary { get; } = new() { UpgradeId = "orders-1", Service = "orders", Engine = "redis", Version = "7.0", TargetVersion = "8.0", Status = UpgradeStatus.Stopped, Step = "Verify" };

    public Task<StatefulCluster> GetClusterAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) => Answer("get", request, Cluster);

    public Task<UpgradePlan> PlanAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) => Answer("plan", request, new UpgradePlan
    {
        Service = "orders",
        Path = "/etc/orders.yaml",
        Engine = "Redis",
        Version = "7.0",
        TargetVersion = "8.0",
        Green = Cluster.Green!,
        Router = new RouterPromise(KeepsConnections: true, ReadsGoOn: true, HoldsWrites: true, TimeSpan.FromMilliseconds(20), string.Empty),
        WayBack = new WayBack(WayBackKind.Relay, "An older blue follows by our relay."),
        Steps = [new PlannedStep(1, "Preflight", "Nothing.", string.Empty, TimeSpan.FromMinutes(5), Reversible: true, WritesClosed: false), new PlannedStep(9, "Fence", "Closes blue.", "Blue opens again.", TimeSpan.FromSeconds(30), Reversible: true, WritesClosed: true)],
        Findings = Findings,
    });

    public Task<StatefulCluster> RunAsync(UpgradeStretch stretch, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken)
    {
        reporter.Report(new ReportEvent(ReportLevel.Information, $"Reaching {stretch}.") { Step = "Preflight" });
        return Answer(stretch.ToString(), request, Cluster);
    }

    public Task<VerificationReport> TestGreenAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ReplicationStatus> GetReplicationAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ReplicationStatus> StopReplicationAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ComparisonResult> CompareAsync(UpgradeRequest request, ComparisonOptions options, IReporter reporter, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<StatefulCluster> OpenWritesAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<UpgradeSummary>> ListUpgradesAsync(UpgradeRequest request, CancellationToken cancellationToken) => Answer<IReadOnlyList<UpgradeSummary>>("list", request, [Summary]);

    public Task<StatefulCluster> ResumeAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) => Answer("resume", request, Cluster);

    public Task<StatefulCluster> UndoAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) => Answer("undo", request, Cluster);

    public Task<UpgradeSummary> StopAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) => Answer("stop", request, Summary);

    public Task<UpgradeSummary> ExportReportAsync(UpgradeRequest request, string? htmlPath, string? jsonPath, CancellationToken cancellationToken) => Answer($"report {htmlPath} {jsonPath}", request, Summary);

    private Task<T> Answer<T>(string operation, UpgradeRequest request, T answer)
    {
        Asked.Add((operation, request));
        return Failure is null ? Task.FromResult(answer) : Task.FromException<T>(Failure);
    }
}
