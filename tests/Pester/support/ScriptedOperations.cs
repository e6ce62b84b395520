using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Tests;

/// <summary>Operations without servers, for tests of the cmdlets themselves: compiled into the test's pwsh, and told there what to do.</summary>
public sealed class ScriptedOperations : IUpgradeOperations
{
    /// <summary>What was called, in order.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>The requests of those calls.</summary>
    public ConcurrentQueue<UpgradeRequest> Requests { get; } = new();

    /// <summary>Told by every operation before it ends.</summary>
    public List<ReportEvent> Told { get; } = [];

    /// <summary>Thrown by an operation, by the name of its call.</summary>
    public Dictionary<string, Exception> Failures { get; } = [];

    /// <summary>How long an operation works, by the name of its call; cancelling ends it.</summary>
    public Dictionary<string, TimeSpan> Works { get; } = [];

    /// <summary>How long the undo of a cancelled operation takes.</summary>
    public TimeSpan UndoTakes { get; set; } = TimeSpan.FromMilliseconds(300);

    /// <summary>What the undo of a cancelled operation ends with; null for the cancellation itself.</summary>
    public Exception? UndoFails { get; set; }

    /// <summary>An undo that ended leaves this file.</summary>
    public string? UndoneFile { get; set; }

    /// <summary>Exists from the moment an operation works.</summary>
    public string? WorkingFile { get; set; }

    /// <summary>Whether verification passes.</summary>
    public bool Passes { get; set; } = true;

    /// <summary>What <see cref="ListUpgradesAsync"/> gives.</summary>
    public List<UpgradeSummary> Upgrades { get; } = [];

    public Task<StatefulCluster> GetClusterAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Do("Get", request, reporter, Cluster(request, ClusterState.Serving), cancellationToken);

    public Task<UpgradePlan> PlanAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Do("Plan", request, reporter, Plan(request), cancellationToken);

    public Task<StatefulCluster> RunAsync(UpgradeStretch stretch, UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Do(stretch.ToString(), request, reporter, Cluster(request, After(stretch)), cancellationToken);

    public async Task<VerificationReport> TestGreenAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        await Do("Test", request, reporter, new VerificationReport
        {
            Passed = Passes,
            Cluster = Cluster(request, ClusterState.Verified),
            Suites = [new SuiteResult { Name = "smoke", Passed = Passes, Notes = Passes ? "" : "expected 3 orders, got 2" }],
            Comparison = new ComparisonResult(1000, 0, [], TimeSpan.FromSeconds(1)),
        }, cancellationToken);

    public Task<ReplicationStatus> GetReplicationAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Do("GetReplication", request, reporter, Replication(request, ReplicationState.Streaming), cancellationToken);

    public Task<ReplicationStatus> StopReplicationAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Do("StopReplication", request, reporter, Replication(request, ReplicationState.None), cancellationToken);

    public Task<ComparisonResult> CompareAsync(UpgradeRequest request, ComparisonOptions options, IReporter reporter, CancellationToken cancellationToken) =>
        Do($"Compare {options.MaxDifferences} {options.ExpiryTolerance.TotalSeconds}", request, reporter, new ComparisonResult(1000, 1, [new DataDifference("0:k", "Value", "a", "b")], TimeSpan.FromSeconds(1)), cancellationToken);

    public Task<StatefulCluster> OpenWritesAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Do("OpenWrites", request, reporter, Cluster(request, ClusterState.Verified), cancellationToken);

    public Task<IReadOnlyList<UpgradeSummary>> ListUpgradesAsync(UpgradeRequest request, CancellationToken cancellationToken) =>
        Do<IReadOnlyList<UpgradeSummary>>("List", request, null, Upgrades, cancellationToken);

    public Task<StatefulCluster> ResumeAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Do("Resume", request, reporter, Cluster(request, ClusterState.Switched), cancellationToken);

    public Task<StatefulCluster> UndoAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Do("Undo", request, reporter, Cluster(request, ClusterState.Serving), cancellationToken);

    public Task<UpgradeSummary> StopAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Do("Stop", request, reporter, Summary(request), cancellationToken);

    public Task<UpgradeSummary> ExportReportAsync(UpgradeRequest request, string? htmlPath, string? jsonPath, CancellationToken cancellationToken) =>
        Do($"Export {htmlPath} {jsonPath}", request, null, Summary(request) with { Report = htmlPath ?? jsonPath ?? "" }, cancellationToken);

    private async Task<T> Do<T>(string call, UpgradeRequest request, IReporter? reporter, T result, CancellationToken cancellationToken)
    {
        Calls.Enqueue(call);
        Requests.Enqueue(request);
        foreach (var told in Told)
        {
            reporter?.Report(told);
            await Task.Delay(10, CancellationToken.None);
        }

        if (Works.TryGetValue(call, out var time))
        {
            await WorkAsync(time, cancellationToken);
        }

        return Failures.TryGetValue(call, out var failure) ? throw failure : result;
    }

    private async Task WorkAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        if (WorkingFile is not null)
        {
            File.WriteAllText(WorkingFile, "");
        }

        try
        {
            await Task.Delay(time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await Task.Delay(UndoTakes, CancellationToken.None);
            if (UndoneFile is not null)
            {
                File.WriteAllText(UndoneFile, "undone");
            }

            if (UndoFails is not null)
            {
                throw UndoFails;
            }

            throw;
        }
    }

    private static ClusterState After(UpgradeStretch stretch) => stretch switch
    {
        UpgradeStretch.NewGreen => ClusterState.Provisioned,
        UpgradeStretch.StartReplication => ClusterState.Replicating,
        UpgradeStretch.WaitReplication => ClusterState.CaughtUp,
        UpgradeStretch.Verify => ClusterState.Verified,
        UpgradeStretch.CloseWrites => ClusterState.ReadOnly,
        UpgradeStretch.Switch => ClusterState.Switched,
        UpgradeStretch.SwitchBack => ClusterState.SwitchedBack,
        _ => ClusterState.Retired,
    };

    private static string ServiceOf(UpgradeRequest request) => Path.GetFileNameWithoutExtension(request.Path ?? "orders.yaml");

    private static StatefulCluster Cluster(UpgradeRequest request, ClusterState state) => new()
    {
        Service = ServiceOf(request),
        Path = request.Path ?? "/services/orders.yaml",
        Engine = "redis",
        Version = "7.0",
        TargetVersion = request.TargetVersion,
        State = state,
        UpgradeId = state == ClusterState.Serving ? null : request.UpgradeId ?? "u1",
        Blue = Layout(ClusterColour.Blue, "7.0", 6379),
        Green = state == ClusterState.Serving ? null : Layout(ClusterColour.Green, request.TargetVersion ?? "8.0", 7379),
        Router = "127.0.0.1:6400",
        LagBytes = 2048,
        ReadOnlyUntil = state == ClusterState.ReadOnly ? DateTimeOffset.UtcNow.AddSeconds(30) : null,
    };

    private static ClusterLayout Layout(ClusterColour colour, string version, int port) => new(colour, version,
        [new Shard("s1", [new Node { Name = $"{colour}-1".ToLowerInvariant(), Endpoint = new NodeEndpoint("127.0.0.1", port), Version = version, Colour = colour }])]);

    private static UpgradePlan Plan(UpgradeRequest request) => new()
    {
        Service = ServiceOf(request),
        Path = request.Path ?? "/services/orders.yaml",
        Engine = "Redis",
        Version = "7.0",
        TargetVersion = request.TargetVersion ?? "8.0",
        Green = Layout(ClusterColour.Green, "8.0", 7379),
        DataBytes = 5_000_000,
        ExtraNodes = 1,
        ExpectedGap = TimeSpan.FromMilliseconds(12),
        Router = new RouterPromise(true, true, true, TimeSpan.FromMilliseconds(12), "Held requests go on at green."),
        WayBack = new WayBack(WayBackKind.Relay, "A relay applies green's changes to blue."),
        Findings = [Finding.Warn("NoReplica", "s1", "The shard has no replica.", "Add one.")],
        Steps = [.. StepNames.Select((name, index) => new PlannedStep(index + 1, name, $"What {name} changes.", "", TimeSpan.FromMinutes(1), index < 14, index is >= 8 and <= 14))],
    };

    private static readonly string[] StepNames =
        ["Preflight", "Lock", "Snapshot", "Provision", "Replicate", "CatchUp", "Verify", "Rehearse", "Fence", "Position", "Drain", "Finalize", "Promote", "Commit", "Open", "Switch", "Soak", "Retire"];

    private static ReplicationStatus Replication(UpgradeRequest request, ReplicationState state) =>
        new() { Service = ServiceOf(request), Source = ClusterColour.Blue, State = state, LagBytes = 100, CopiedBytes = 50, TotalBytes = 100 };

    private static UpgradeSummary Summary(UpgradeRequest request) => new() { UpgradeId = request.UpgradeId ?? "u1", Service = ServiceOf(request), Path = request.Path ?? "", Engine = "redis", TargetVersion = "8.0" };
}
