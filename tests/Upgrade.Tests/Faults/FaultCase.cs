using StatefulDeploy.Upgrade.Tests.Stage;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Upgrade.Tests.Faults;

/// <summary>A row of the table of faults: what happens, when, and what is promised all the same.</summary>
internal sealed record FaultCase
{
    /// <summary>What happens, in words.</summary>
    public required string Fault { get; init; }

    /// <summary>The step in which it happens.</summary>
    public required StepName Step { get; init; }

    /// <summary>The moment of the step.</summary>
    public required FaultMoment Moment { get; init; }

    /// <summary>Whether it happens on the way back, in <c>undo</c>, instead of on the way there.</summary>
    public bool Back { get; init; }

    /// <summary>What the orchestrator's process does to itself at that moment: <c>Kill</c>, <c>Stop</c> or <c>Wait</c> for the test.</summary>
    public string Do { get; init; } = "Wait";

    /// <summary>Which message of the guard is lost; null for none.</summary>
    public string? Lose { get; init; }

    /// <summary>What the test does to the world before the orchestrator is started.</summary>
    public Action<FaultScene> BeforeStrike { get; init; } = _ => { };

    /// <summary>What the test does to the world while the orchestrator stands there; afterwards it goes on.</summary>
    public Func<FaultScene, Task> Strike { get; init; } = _ => Task.CompletedTask;

    /// <summary>What somebody outside of the product (a supervisor, a person) mends before the upgrade is resumed or undone.</summary>
    public Func<FaultScene, Task> Mend { get; init; } = _ => Task.CompletedTask;

    /// <summary>The service it happens to.</summary>
    public ServiceShape Shape { get; init; } = new();

    /// <summary>The size of green's disk; null for the machine's own.</summary>
    public int? SmallDiskMegabytes { get; init; }

    /// <summary>Whether it takes root to bring about.</summary>
    public bool NeedsRoot { get; init; }

    /// <summary>Where it must have led when nobody but the guard has acted; null when it depends on a race that either side may win.</summary>
    public string? Live { get; init; }

    /// <summary>What it takes from the clients whoever upgrades: a server or router that is killed drops connections.</summary>
    public FaultCost Cost { get; init; }

    /// <summary>Whether the cluster that was decided for cannot write until the fault is mended: past the commit nothing may go back to the other.</summary>
    public bool NoWritesBeforeMend { get; init; }

    /// <summary>Whether it may end the way back, loudly, after the switch: then <c>undo</c> is refused and green stays live.</summary>
    public bool MayEndWayBack { get; init; }

    /// <summary>Whether it is part of the run without <c>--full</c>.</summary>
    public bool Representative { get; init; }

    /// <summary>The row's name, unique.</summary>
    public string Id => $"{(Shape.Engine == "redis" ? string.Empty : Shape.Engine + " ")}{Step} {Moment}{(Back ? " back" : string.Empty)}: {Fault}";

    public override string ToString() => Id;
}
