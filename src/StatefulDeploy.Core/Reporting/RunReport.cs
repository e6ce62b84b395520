using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;

namespace StatefulDeploy.Reporting;

/// <summary>What an upgrade did, as its journal tells it: what a person sends to their team afterwards.</summary>
public sealed record RunReport
{
    /// <summary>The version of the document's schema.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>The upgrade in short.</summary>
    public required UpgradeSummary Upgrade { get; init; }

    /// <summary>The shard that this is about; null for a service.</summary>
    public string? Shard { get; init; }

    /// <summary>What the upgrade of each shard did, of a service that is upgraded shard by shard; empty for others.</summary>
    public IReadOnlyList<RunReport> Shards { get; init; } = [];

    /// <summary>How green got blue's data.</summary>
    public string Strategy { get; init; } = string.Empty;

    /// <summary>The cluster that served before.</summary>
    public ClusterLayout? Blue { get; init; }

    /// <summary>The new cluster.</summary>
    public ClusterLayout? Green { get; init; }

    /// <summary>Every run of every step, in the order in which they began.</summary>
    public IReadOnlyList<ReportStep> Steps { get; init; } = [];

    /// <summary>The times in which writes waited.</summary>
    public IReadOnlyList<ReportWindow> Windows { get; init; } = [];

    /// <summary>Lag over time.</summary>
    public IReadOnlyList<LagSample> Lag { get; init; } = [];

    /// <summary>What preflight found.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>The verification suites.</summary>
    public IReadOnlyList<SuiteResult> Suites { get; init; } = [];

    /// <summary>The comparison of all data; null when there was none.</summary>
    public ComparisonResult? Comparison { get; init; }

    /// <summary>The snapshots that were taken.</summary>
    public IReadOnlyList<SnapshotRecord> Snapshots { get; init; } = [];

    /// <summary>What was consented to.</summary>
    public UpgradeConsent Consent { get; init; } = new();

    /// <summary>How the switch could be undone; null when that was not found out.</summary>
    public WayBack? WayBack { get; init; }

    /// <summary>What else happened: milestones, warnings, failures, undos.</summary>
    public IReadOnlyList<ReportNote> Notes { get; init; } = [];

    /// <summary>Reads the lines of a journal.</summary>
    /// <param name="upgrade">The upgrade in short.</param>
    /// <param name="entries">Its journal.</param>
    public static RunReport Of(UpgradeSummary upgrade, IReadOnlyList<JournalEntry> entries) => new JournalReading(entries).Read(upgrade);
}
