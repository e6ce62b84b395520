using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Workflow.Steps;

/// <summary>The rows after the switch.</summary>
internal static class AfterSteps
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private const int FailuresAllowed = 5;
    /// <summary>Sets up that the cluster left follows the one that serves, where there is a way back. Not part of the closed window.</summary>
    internal static async Task FollowBackAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        var wayBack = await run.Engine.Preflight.FindWayBackAsync(run.Context, cancellationToken);
        if (!wayBack.Exists)
        {
            run.Tell(ReportLevel.Warning, $"There is no way back: {wayBack.Explanation}", StepName.Switch);
            return;
        }

        try
        {
            await run.ActAsync(GuardedAct.StartReplication, run.Opposite, run.State.Fact<ClusterPosition>(FactName.Reverse), cancellationToken);
            run.Tell(ReportLevel.Information, $"{run.Source.Colour} follows {run.Target.Colour}: {wayBack.Explanation}", StepName.Switch);
        }
        catch (UpgradeException exception)
        {
            run.Tell(ReportLevel.Warning, $"The switch is done, but the way back could not be set up: {exception.Message} {exception.RecommendedAction}", StepName.Switch);
        }
    }

    /// <summary>Watches the new primaries for the soak time, counted from the switch.</summary>
    internal static async Task<IReadOnlyDictionary<string, string>?> SoakAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        var switchedAt = run.State.Fact(FactName.SwitchedAt) is { } text ? DateTimeOffset.Parse(text) : run.Clock.GetUtcNow();
        var until = switchedAt + run.Limits.Soak;
        var failures = 0;
        while (run.Clock.GetUtcNow() < until)
        {
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
        var clients = await run.Engine.Provisioner.ListClientsAsync(run.Context, run.Blue, cancellationToken);
        if (clients.Count > 0)
        {
            throw new UpgradeException("ClientsOnBlue", $"{clients.Count} client(s) are still connected to blue: {string.Join("; ", clients.Take(5))}.", "Point them at the router, then run Remove-BlueCluster again.", FailureCategory.WrongState) { Target = run.Service.Name };
        }

        await run.Engine.Replicator.StopAsync(run.Opposite, cancellationToken);
        await run.ActAsync(GuardedAct.Retire, run.Opposite, null, cancellationToken);
        SnapshotRetention.Apply(run);
        return Facts.None;
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
