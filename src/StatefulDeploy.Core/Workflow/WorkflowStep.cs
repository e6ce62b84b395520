using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow;

/// <summary>One row of the workflow table: everything that the runner, resume, undo, progress, report and plan need to know of a step.</summary>
internal sealed record WorkflowStep
{
    /// <summary>Its name.</summary>
    public required StepName Name { get; init; }

    /// <summary>The one strategy that has this row; null for all.</summary>
    public UpgradeStrategy? Only { get; init; }

    /// <summary>What it will change, for the plan and for <c>-WhatIf</c>.</summary>
    public required Func<EngineContext, string> Change { get; init; }

    /// <summary>How it is taken back, for people; empty when there is nothing to take back.</summary>
    public string UndoText { get; init; } = string.Empty;

    /// <summary>How long it may take.</summary>
    public required Func<UpgradeLimits, TimeSpan> Deadline { get; init; }

    /// <summary>Whether it can be taken back without a switch in the other direction.</summary>
    public bool Reversible { get; init; } = true;

    /// <summary>Whether writes are closed while it runs.</summary>
    public bool WritesClosed { get; init; }

    /// <summary>Whether it changes nothing: that it was begun need not be on disk before it is.</summary>
    public bool OnlyLooks { get; init; }

    /// <summary>Whether that it was begun goes to disk while it runs. An act that must not be done before waits for it itself: see <see cref="UpgradeRun.FlushedAsync"/>.</summary>
    public bool RecordedMeanwhile { get; init; }

    /// <summary>Whether the way back has this row too.</summary>
    public bool BothWays { get; init; }

    /// <summary>Whether it proves something of the moment and is run again before every window, even when it is done.</summary>
    public bool PointInTime { get; init; }

    /// <summary>The share of the whole upgrade's progress, in percent.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The act. It can be run twice: it probes what is, then acts. What it returns becomes facts of the journal.</summary>
    public required Func<UpgradeRun, CancellationToken, Task<IReadOnlyDictionary<string, string>?>> Act { get; init; }

    /// <summary>Takes the step back after its own failure or an interruption; null when it leaves nothing behind or is taken back with its window.</summary>
    public Func<UpgradeRun, CancellationToken, Task>? Undo { get; init; }

    /// <summary>How long <see cref="Undo"/> may take.</summary>
    public TimeSpan UndoDeadline { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The state of the cluster after it; null when it stays.</summary>
    public ClusterState? Reaches { get; init; }
}
