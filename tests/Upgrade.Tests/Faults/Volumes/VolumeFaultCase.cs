using StatefulDeploy.Workflow;

namespace StatefulDeploy.Upgrade.Tests.Faults.Volumes;

/// <summary>A row of the table of faults of moving volumes: what happens, when, and what is promised all the same.</summary>
internal sealed record VolumeFaultCase
{
    /// <summary>What happens, in words.</summary>
    public required string Fault { get; init; }

    /// <summary>When, in words.</summary>
    public required string When { get; init; }

    /// <summary>The moment of the upgrade; null when a <see cref="Trap"/> tells it, or when it is there from the beginning.</summary>
    public (StepName Step, FaultMoment Moment, string Node)? At { get; init; }

    /// <summary>What the orchestrator's process does to itself at that moment: <c>Kill</c>, or <c>Wait</c> for the test.</summary>
    public string Do { get; init; } = "Wait";

    /// <summary>The machine, the program and the words with which it is called at that moment: it stands still while the fault happens.</summary>
    public (string Machine, string Program, string Words)? Trap { get; init; }

    /// <summary>What is done to the world before the upgrade is begun.</summary>
    public Func<VolumeFaultScene, Task> Prepare { get; init; } = _ => Task.CompletedTask;

    /// <summary>What is done to the world at that moment.</summary>
    public Func<VolumeFaultScene, Task> Strike { get; init; } = _ => Task.CompletedTask;

    /// <summary>What somebody outside of the product mends before the upgrade is resumed or undone.</summary>
    public Func<VolumeFaultScene, Task> Mend { get; init; } = _ => Task.CompletedTask;

    /// <summary>The id of the error with which the upgrade must end; null when it depends on what the fault meets first, or nobody is left to tell.</summary>
    public string? Says { get; init; }

    /// <summary>A word that the error must have; null for none.</summary>
    public string? Names { get; init; }

    /// <summary>Whether the upgrade must get over it by itself.</summary>
    public bool GoesOn { get; init; }

    /// <summary>Whether the switch is behind it and the old writer's volume is on its way: then there is no way back, and undo says so.</summary>
    public bool AfterSwitch { get; init; }

    /// <summary>Whether the upgrade, and all that it starts on its machine, sees a time that is an hour ahead.</summary>
    public bool Skewed { get; init; }

    /// <summary>Whether the second disk is one that is copied for a snapshot (ext4) instead of one that shares blocks (xfs).</summary>
    public bool Copied { get; init; }

    /// <summary>Whether the second disk is on storage that can run full under it.</summary>
    public bool OnSmallStorage { get; init; }

    /// <summary>The ending with which it is part of the run without <c>--full</c>; null for none.</summary>
    public string? Representative { get; init; }

    /// <summary>The row's name, unique.</summary>
    public string Id => $"volumes {When}: {Fault}";

    public override string ToString() => Id;
}
