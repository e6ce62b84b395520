using StatefulDeploy.Model;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Contracts;

/// <summary>What an upgrade will do, before it does anything.</summary>
public sealed record UpgradePlan
{
    /// <summary>The name of the service.</summary>
    public required string Service { get; init; }

    /// <summary>The service file.</summary>
    public required string Path { get; init; }

    /// <summary>The engine's name for people.</summary>
    public required string Engine { get; init; }

    /// <summary>The version of blue.</summary>
    public required string Version { get; init; }

    /// <summary>The version of green.</summary>
    public required string TargetVersion { get; init; }

    /// <summary>The shard that this is the plan of; null for a service.</summary>
    public string? Shard { get; init; }

    /// <summary>The plan of each shard, of a service that is upgraded shard by shard: its steps, its write gap and its way back. Empty for others.</summary>
    public IReadOnlyList<UpgradePlan> Shards { get; init; } = [];

    /// <summary>How many shards are upgraded at the same time.</summary>
    public int ShardsAtOnce { get; init; } = 1;

    /// <summary>The strategy.</summary>
    public UpgradeStrategy Strategy { get; init; }

    /// <summary>The steps in their order; none for a service that is upgraded shard by shard, whose <see cref="Shards"/> have them.</summary>
    public IReadOnlyList<PlannedStep> Steps { get; init; } = [];

    /// <summary>What preflight found.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>The planned green cluster.</summary>
    public required ClusterLayout Green { get; init; }

    /// <summary>Bytes of data in blue.</summary>
    public long DataBytes { get; init; }

    /// <summary>Nodes that exist besides blue's at the peak.</summary>
    public int ExtraNodes { get; init; }

    /// <summary>Machines of green on which blue has no node.</summary>
    public int ExtraMachines { get; init; }

    /// <summary>The volumes that move, in their order; empty when green is filled by replication, onto disks of its own.</summary>
    public IReadOnlyList<VolumeTransferStatus> Volumes { get; init; } = [];

    /// <summary>Bytes of data that are there twice at the peak.</summary>
    public long ExtraBytes { get; init; }

    /// <summary>How many write gaps a client of one shard sees.</summary>
    public int Gaps { get; init; } = 1;

    /// <summary>The expected gap between two acknowledgements of a writer.</summary>
    public TimeSpan ExpectedGap { get; init; }

    /// <summary>What the router promises.</summary>
    public required RouterPromise Router { get; init; }

    /// <summary>How the switch could be undone.</summary>
    public required WayBack WayBack { get; init; }

    /// <summary>Whether nothing refuses the upgrade.</summary>
    public bool Passed => Findings.All(finding => finding.Severity != FindingSeverity.Refuse);

    /// <summary>The steps that a stretch of the workflow runs.</summary>
    public IEnumerable<PlannedStep> StepsOf(UpgradeStretch stretch)
    {
        var names = UpgradeWorkflow.StretchOf(stretch).Select(step => step.Name.ToString()).ToHashSet(StringComparer.Ordinal);
        return Steps.Where(step => names.Contains(step.Name));
    }
}
