using StatefulDeploy.Contracts;
using StatefulDeploy.Machines;
using StatefulDeploy.Model;
using StatefulDeploy.Workflow.Planning;

namespace StatefulDeploy.Workflow.Steps;

/// <summary>The machines of a green that is on machines of its own, which are made with it and removed with it. Nothing where they are there anyway.</summary>
internal static class MachineSteps
{
    /// <summary>Makes them, waits until they answer, and asks there what preflight could not ask before.</summary>
    /// <exception cref="UpgradeException">One cannot be made, does not answer, or lacks what green needs.</exception>
    internal static async Task MakeAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        if (Provider(run) is not { } machines)
            return;

        await machines.MakeAsync(run.WholeContext, cancellationToken);
        var readiness = new HostReadiness(run.Clock, run.Reporter);
        var hosts = run.WholeContext.Hosts;
        await Task.WhenAll(machines.Hosts.Select(name => readiness.WaitAsync(hosts[name], cancellationToken)));
        PreflightInspection.ThrowIfRefused(await PreflightInspection.InspectAsync(run.Platform, run.WholeContext, run.Engine, run.Router, run.Consent, cancellationToken));
    }

    /// <summary>The target without the nodes that go with their machines.</summary>
    internal static ClusterLayout Staying(UpgradeRun run) => Provider(run) is { } machines ? Nodes(run.Target, node => !machines.Hosts.Contains(node.Host)) : run.Target;

    /// <summary>Removes the machines with what is on them, once the guard has agreed that none of it serves.</summary>
    internal static async Task RemoveAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        if (Provider(run) is not { } machines)
            return;

        await run.ActAsync(GuardedAct.TakeAway, run.Context with { Target = Nodes(run.Target, node => machines.Hosts.Contains(node.Host)) }, null, cancellationToken);
        await machines.RemoveAsync(run.WholeContext, cancellationToken);
    }

    /// <summary>What becomes of the machines that nobody uses any more.</summary>
    internal static async Task RetireAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        if (Provider(run) is { } machines)
            await machines.RetireAsync(run.WholeContext, cancellationToken);
    }

    /// <summary>Ends replication for good; what is gone with its machine follows nobody any more.</summary>
    internal static async Task StopReplicationAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        try
        {
            await run.Engine.Replicator.StopAsync(run.Context, cancellationToken);
        }
        catch (UpgradeException error) when (error.Category == FailureCategory.Unreachable)
        {
            if (!await AreMissingAsync(run, cancellationToken))
                throw;

            run.Tell(ReportLevel.Warning, $"Replication into a machine that is gone was not ended there: {error.Message}");
        }
    }

    private static async Task<bool> AreMissingAsync(UpgradeRun run, CancellationToken cancellationToken) =>
        Provider(run) is { } machines && (await machines.FindUnmadeAsync(cancellationToken)).Count > 0;

    private static IMachineProvider? Provider(UpgradeRun run) => run.Platform.CreateMachineProvider(run.Service, run.Reporter);

    private static ClusterLayout Nodes(ClusterLayout layout, Func<Node, bool> which) =>
        layout with { Shards = [.. layout.Shards.Select(shard => shard with { Nodes = [.. shard.Nodes.Where(which)] }).Where(shard => shard.Nodes.Count > 0)] };
}
