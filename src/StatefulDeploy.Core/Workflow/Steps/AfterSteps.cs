using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow.Steps;

/// <summary>The rows after the switch.</summary>
internal static class AfterSteps
{
    private const int FailuresAllowed = 5;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FollowsWithin = TimeSpan.FromSeconds(50);
    private static readonly TimeSpan RelayStartsWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LeavingTakes = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortPoll = TimeSpan.FromMilliseconds(100);

    /// <summary>Sets up that the cluster left follows the one that serves, where there is a way back. Not part of the closed window: whatever fails here is told, and the switch stays done.</summary>
    /// <returns>Whether it follows.</returns>
    internal static async Task<bool> FollowBackAsync(UpgradeRun run)
    {
        if (run.HasOutage)
        {
            return false;
        }

        using var limit = new CancellationTokenSource(FollowsWithin);
        try
        {
            if (run.State.StatusOf(StepName.Promote, run.Back) != StepStatus.Done)
            {
                run.Tell(ReportLevel.Warning, $"There is no way back: the point from which {run.Source.Colour} could follow is known only to the machine that promoted {run.Target.Colour} and was lost before the shared journal had it.", StepName.Switch);
                return false;
            }

            var wayBack = await run.Engine.Preflight.FindWayBackAsync(run.Context, limit.Token);
            if (!wayBack.Exists)
            {
                run.Tell(ReportLevel.Warning, $"There is no way back: {wayBack.Explanation}", StepName.Switch);
                return false;
            }

            await run.ActAsync(GuardedAct.StartReplication, run.Opposite, run.State.Fact<ClusterPosition>(FactName.Reverse), limit.Token);
            if (wayBack.Kind == WayBackKind.Relay && await FindEndAsync(run, limit.Token) is { } end)
            {
                run.Tell(ReportLevel.Warning, $"The switch is done, but there is no way back any more: {end}", StepName.Switch);
                return false;
            }

            run.Tell(ReportLevel.Information, $"{run.Source.Colour} follows {run.Target.Colour}: {wayBack.Explanation}", StepName.Switch);
            return true;
        }
        catch (Exception exception) when (Failures.IsOfTheWorld(exception))
        {
            run.Tell(ReportLevel.Warning, $"The switch is done, but the way back could not be set up: {exception.Message} {(exception as UpgradeException)?.RecommendedAction}".TrimEnd(), StepName.Switch);
            return false;
        }
    }

    /// <summary>Waits until the relay has begun to feed the cluster that was left.</summary>
    /// <returns>Why it never will; null when it does, or tries to.</returns>
    private static async Task<string?> FindEndAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        for (var since = run.Clock.GetTimestamp(); run.Clock.GetElapsedTime(since) < RelayStartsWithin; await Task.Delay(ShortPoll, run.Clock, cancellationToken))
        {
            var status = await run.Engine.Replicator.GetStatusAsync(run.Opposite, cancellationToken);
            if (status.IsFinal || status.State == ReplicationState.Streaming)
            {
                return status.IsFinal ? status.Message : null;
            }
        }

        return null;
    }

    /// <summary>Watches the new primaries for the soak time, counted from the switch.</summary>
    internal static async Task<IReadOnlyDictionary<string, string>?> SoakAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        var switchedAt = run.State.Fact(FactName.SwitchedAt) is { } text ? DateTimeOffset.Parse(text) : run.Clock.GetUtcNow();
        var until = switchedAt + run.Limits.Soak;
        var failures = 0;
        var followed = run.State.Fact(FactName.FollowsBack) == bool.TrueString;
        while (run.Clock.GetUtcNow() < until)
        {
            followed = followed && await IsFollowedAsync(run, cancellationToken);
            failures = await IsHealthyAsync(run, cancellationToken) ? 0 : failures + 1;
            if (failures >= FailuresAllowed)
            {
                throw new UpgradeException("SoakFailed", $"{run.Green.Colour} did not take writes in {failures} health checks in a row.", "Look at its nodes. Undo-TrafficSwitch goes back to blue without loss where a way back was set up.");
            }

            var left = until - run.Clock.GetUtcNow();
            run.Reporter.Report(new ReportEvent(ReportLevel.Progress, $"Soaking, {left.TotalSeconds:0} s left")
            {
                Step = nameof(StepName.Soak),
                Percent = Progress.Within(StepName.Soak, 1 - Math.Clamp(left / run.Limits.Soak, 0, 1)),
                Remaining = left > TimeSpan.Zero ? left : TimeSpan.Zero,
            });
            await Task.Delay(left < Poll ? (left > TimeSpan.Zero ? left : TimeSpan.Zero) : Poll, run.Clock, cancellationToken);
        }

        return Facts.None;
    }

    /// <summary>Removes blue when nobody uses it any more.</summary>
    internal static async Task<IReadOnlyDictionary<string, string>?> RetireAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        await EnsureIsLeftAsync(run, cancellationToken);
        await run.Engine.Replicator.StopAsync(run.Opposite, cancellationToken);
        await run.ActAsync(GuardedAct.Retire, run.Opposite, null, cancellationToken);
        await MachineSteps.RetireAsync(run, cancellationToken);
        SnapshotRetention.Apply(run);
        return Facts.None;
    }

    /// <summary>Sees that no client is connected to blue.</summary>
    /// <exception cref="UpgradeException">One is.</exception>
    internal static async Task EnsureIsLeftAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        // A connection that was ended a moment ago is listed until its server has seen the end of it.
        for (var since = run.Clock.GetTimestamp(); ; await Task.Delay(ShortPoll, run.Clock, cancellationToken))
        {
            var clients = await run.Engine.Provisioner.ListClientsAsync(run.Context, run.Blue, cancellationToken);
            if (clients.Count == 0)
            {
                return;
            }

            if (run.Clock.GetElapsedTime(since) > LeavingTakes)
            {
                throw new UpgradeException("ClientsOnBlue", $"{clients.Count} client(s) are still connected to blue: {string.Join("; ", clients.Take(5))}.", "Point them at the router, then run Remove-BlueCluster again.", FailureCategory.WrongState) { Target = run.Service.Name };
            }
        }
    }

    /// <summary>Whether blue can still follow green; tells it once when it cannot. What only stands still is set going again by the keeper.</summary>
    private static async Task<bool> IsFollowedAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        var status = await run.Engine.Replicator.GetStatusAsync(run.Opposite, cancellationToken);
        if (status.IsFinal)
        {
            run.Tell(ReportLevel.Warning, $"There is no way back any more: {status.Message}", StepName.Soak);
        }

        return !status.IsFinal;
    }

    private static async Task<bool> IsHealthyAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        foreach (var node in run.Green.Primaries)
        {
            var status = await run.Engine.Preflight.ProbeAsync(node, run.Context, cancellationToken);
            if (!status.Reachable || status.Writable == false)
            {
                run.Tell(ReportLevel.Warning, $"{node} does not take writes: {status.Message}", StepName.Soak);
                return false;
            }
        }

        return true;
    }
}
