using StatefulDeploy.Workflow;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>What the orchestrator's process is to do to itself, by its environment.</summary>
internal sealed record FaultOrder
{
    /// <summary>Nothing.</summary>
    public static FaultOrder None { get; } = new();

    /// <summary>When.</summary>
    public (StepName Step, FaultMoment Moment)? At { get; init; }

    /// <summary>The node to which the step does something then; null for the step's own moments.</summary>
    public string? Node { get; init; }

    /// <summary>In the upgrade of this shard; null for a service of one.</summary>
    public string? Shard { get; init; }

    /// <summary><c>Kill</c>, <c>Stop</c> or <c>Wait</c>.</summary>
    public string Do { get; init; } = "Wait";

    /// <summary>Acts it leaves out.</summary>
    public IReadOnlyList<string> Skip { get; init; } = [];

    /// <summary>The message of the guard that is lost; null for none.</summary>
    public string? Lose { get; init; }

    public Dictionary<string, string?> ToEnvironment(string file) => new(StringComparer.Ordinal)
    {
        ["STATEFULDEPLOY_FAULT_AT"] = At is { } at ? $"{at.Step}/{at.Moment}{(Node is null ? string.Empty : $"/{Node}")}" : null,
        ["STATEFULDEPLOY_FAULT_SHARD"] = Shard,
        ["STATEFULDEPLOY_FAULT_DO"] = Do,
        ["STATEFULDEPLOY_FAULT_FILE"] = file,
        ["STATEFULDEPLOY_FAULT_SKIP"] = Skip.Count > 0 ? string.Join(',', Skip) : null,
        ["STATEFULDEPLOY_FAULT_LOSE"] = Lose,
    };
}
