using System.Diagnostics;
using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Guard;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow.Steps;

/// <summary>The rows from the fence to the switch. The order of what they do is what keeps every acknowledged write.</summary>
internal static class WindowSteps
{
    /// <summary>Arms the watcher, holds the router, closes every source node and proves it by a write that must fail.</summary>
    internal static async Task<IReadOnlyDictionary<string, string>?> FenceAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        var sources = run.Source.Nodes.ToList();
        var windowId = $"{run.State.UpgradeId}-w{run.State.Windows}";
        if (run.Target.Shards.Count > 0)
        {
            await run.Engine.Switchover.PrepareAsync(run.Context, cancellationToken);
            await run.Router.PrepareAsync(RouterTargets.Of(run.Target), run.Guard.Epoch, cancellationToken);
        }

        await run.Guard.ArmAsync(new WindowPlan(windowId, run.State.UpgradeId, run.Limits.WindowDeadline, run.Source, run.Target), cancellationToken);
        await run.Guard.PrepareGatesAsync(sources, cancellationToken);
        await run.Guard.GetWindowAsync(cancellationToken); // As inside the window: the answer that tells of this one was never read before.

        run.Notifier.At();
        run.ClosedAt = Stopwatch.GetTimestamp();
        run.Mark(MarkName.Closing);
        await run.Router.HoldAsync(WindowHold.LimitsOf(run.Limits), run.Guard.Epoch, cancellationToken);
        run.Mark(MarkName.Held);
        if (run.Faults.IsSkipped("position-after-fence"))
        {
            run.EarlyPosition = await run.Engine.Switchover.ReadPositionAsync(run.Context, cancellationToken);
            run.Faults.Reached(StepName.Position, FaultMoment.AfterAct);
        }

        await run.Guard.CloseGatesAsync(sources, cancellationToken);
        run.Mark(MarkName.Fenced);
        await Task.WhenAll(run.Engine.Switchover.EndOpenWritesAsync(run.Context, cancellationToken), ProveClosedAsync(run, sources, cancellationToken));

        return Facts.Of((FactName.Window, windowId));
    }

    /// <summary>Reads the source's final position: only now, when nothing can be written any more.</summary>
    internal static async Task<IReadOnlyDictionary<string, string>?> PositionAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        var position = run.EarlyPosition ?? await run.Engine.Switchover.ReadPositionAsync(run.Context, cancellationToken);
        return Facts.Of((FactName.Position, ModelJson.Write(position)));
    }

    /// <summary>Waits until the target has applied the position.</summary>
    internal static async Task<IReadOnlyDictionary<string, string>?> DrainAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        if (!run.Faults.IsSkipped("drain"))
        {
            await run.Engine.Switchover.DrainAsync(run.Context, run.State.Fact<ClusterPosition>(FactName.Position)!, cancellationToken);
        }

        return Facts.None;
    }

    /// <summary>Carries what the stream does not.</summary>
    internal static async Task<IReadOnlyDictionary<string, string>?> FinalizeAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        await run.Engine.Switchover.FinalizeAsync(run.Context, cancellationToken);
        return Facts.None;
    }

    /// <summary>Promotes the target behind its fence and captures the reverse point. Whoever was held up beyond the deadline leaves a target that follows alone.</summary>
    /// <exception cref="UpgradeException">The window had ended.</exception>
    internal static async Task<IReadOnlyDictionary<string, string>?> PromoteAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        var asked = run.Guard.GetWindowAsync(cancellationToken);
        await Task.WhenAll(asked, run.FlushedAsync()); // Whoever finds the window tells by the journal whether the target was promoted.
        if (await asked is not { Outcome: WindowOutcome.Undecided } window || window.Deadline < run.Clock.GetUtcNow())
        {
            throw Expired(run);
        }

        var reverse = await run.Engine.Switchover.PromoteAsync(run.Context, cancellationToken);
        return Facts.Of((FactName.Reverse, ModelJson.Write(reverse)));
    }

    /// <summary>Decides. An attempt that was not answered is settled by reading the outcome.</summary>
    /// <exception cref="UpgradeException">The window had expired.</exception>
    internal static async Task<IReadOnlyDictionary<string, string>?> CommitAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        var outcome = await run.Guard.CommitAsync(run.State.Fact(FactName.Window)!, cancellationToken);
        return outcome == WindowOutcome.Committed
            ? Facts.None
            : throw Expired(run);
    }

    private static UpgradeException Expired(UpgradeRun run) =>
        new("WindowExpired", $"Writes were closed longer than the deadline of {Quantity.Text(run.Limits.WindowDeadline)}, so {run.Source.Colour} was opened again before the switch was decided.", "Nothing is lost. Find what was slow in the report, or allow a longer deadline, and resume the upgrade.", FailureCategory.Timeout);

    /// <summary>Moves the reads, then opens the target: from here on no read goes to the source.</summary>
    internal static async Task<IReadOnlyDictionary<string, string>?> OpenAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        if (!await run.Engine.Switchover.AnswersAsync(run.Context, cancellationToken))
        {
            await ProveReachableAsync(run, cancellationToken);
        }

        await run.Router.RouteReadsAsync(RouterTargets.Of(run.Target), run.Guard.Epoch, cancellationToken);
        await run.FlushedAsync();
        await run.Guard.OpenGatesAsync([.. run.Target.Nodes], cancellationToken);
        return Facts.None;
    }

    /// <summary>Lets the held requests go to the target, then does what can wait: proof, bookkeeping, the way back.</summary>
    internal static async Task<IReadOnlyDictionary<string, string>?> SwitchAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        await run.Router.SwitchAsync(RouterTargets.Of(run.Target), run.Guard.Epoch, cancellationToken);
        var closed = run.ClosedAt is { } since ? Stopwatch.GetElapsedTime(since) : (TimeSpan?)null;
        run.Mark(MarkName.Opened);
        run.Notifier.After(run.Target);
        await ProveOpenAsync(run, cancellationToken);
        if (run.State.Fact(FactName.Window) is { } window)
        {
            await run.SharedAsync(cancellationToken); // From here on nobody but the journal tells that it was decided.
            await run.Guard.CompleteAsync(window, cancellationToken);
        }

        var facts = new Dictionary<string, string>(StringComparer.Ordinal) { [FactName.SwitchedAt] = run.Clock.GetUtcNow().ToString("O") };
        if (closed is { } time)
        {
            facts[FactName.ClosedMilliseconds] = time.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture);
        }

        run.ClosedAt = null;
        run.Reach(run.Back ? ClusterState.SwitchedBack : ClusterState.Switched);
        run.Tell(ReportLevel.Information, $"{run.Target.Colour} serves{(closed is { } span ? $"; writes were closed for {span.TotalMilliseconds:0.0} ms" : string.Empty)}.", StepName.Switch);
        facts[FactName.FollowsBack] = (await AfterSteps.FollowBackAsync(run)).ToString();
        return facts;
    }

    private static async Task ProveClosedAsync(UpgradeRun run, List<Node> sources, CancellationToken cancellationToken)
    {
        var probes = await run.Guard.ProbeGatesAsync(sources, cancellationToken);
        foreach (var node in sources)
        {
            var state = probes[node.Name];
            if (state == GateState.Open || (state == GateState.Unreachable && node.Role == NodeRole.Primary))
            {
                throw new UpgradeException("FenceNotProved", $"The write probe on {node} found it {state}; a closed node must refuse the write.", "Writes are open on the source again. Check the node's log and the privileges of the control user.", FailureCategory.OperationFailed) { Target = node };
            }
        }
    }

    /// <summary>A target that died since the commit is not begun to be opened: so long as it never was, the source can still be decided for.</summary>
    /// <exception cref="UpgradeException">A primary of the target does not answer.</exception>
    internal static async Task ProveReachableAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        var probes = await run.Guard.ProbeGatesAsync([.. run.Target.Primaries], cancellationToken);
        if (run.Target.Primaries.FirstOrDefault(node => probes[node.Name] == GateState.Unreachable) is { } dead)
        {
            throw new UpgradeException("TargetUnreachable", $"{dead} does not answer; it was not opened.", "Writes are opened on the source again if it does not come back.", FailureCategory.Unreachable) { Target = dead };
        }
    }

    private static async Task ProveOpenAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        var probes = await run.Guard.ProbeGatesAsync([.. run.Target.Primaries], cancellationToken);
        foreach (var node in run.Target.Primaries)
        {
            if (probes[node.Name] != GateState.Open)
            {
                throw new UpgradeException("TargetNotOpen", $"{node} was opened, but the write probe found it {probes[node.Name]}.", "The watcher goes on opening it. Check the node, then resume the upgrade.", FailureCategory.OperationFailed) { Target = node };
            }
        }
    }
}
