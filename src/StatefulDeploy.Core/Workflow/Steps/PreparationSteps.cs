using StatefulDeploy.Contracts;
using StatefulDeploy.Machines;
using StatefulDeploy.Model;
using StatefulDeploy.Rehearsal;
using StatefulDeploy.Reuse;
using StatefulDeploy.Workflow.Planning;

namespace StatefulDeploy.Workflow.Steps;

/// <summary>The rows up to the rehearsal: nothing that clients notice.</summary>
internal static class PreparationSteps
{
    /// <summary>Refuses early.</summary>
    internal static async Task<IReadOnlyDictionary<string, string>?> PreflightAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        var hosts = await HostsToCome.FindAsync(run.Platform, run.Service, run.Reporter, cancellationToken);
        var findings = await PreflightInspection.InspectAsync(run.Platform, run.WholeContext with { Hosts = hosts }, run.Engine, run.Router, run.Consent, cancellationToken);
        foreach (var finding in findings.Where(finding => finding.Severity == FindingSeverity.Warning))
        {
            run.Tell(ReportLevel.Warning, $"{finding.Subject}: {finding.Message} {finding.Remedy}", StepName.Preflight);
        }

        PreflightInspection.ThrowIfRefused(findings);
        var wayBack = await PreflightInspection.FindWayBackAsync((run.HasOutage ? run.WholeContext : run.Context) with { Hosts = hosts }, run.Engine, cancellationToken);
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [FactName.Findings] = ModelJson.Write(findings),
            [FactName.WayBack] = ModelJson.Write(wayBack),
        };
    }

    /// <summary>The lease was taken to get here; the row records it.</summary>
    internal static Task<IReadOnlyDictionary<string, string>?> LockAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        run.Tell(ReportLevel.Verbose, $"Holding the lease of service '{run.Service.Name}' with epoch {run.Guard.Epoch}.", StepName.Lock);
        return Task.FromResult(Facts.None);
    }

    /// <summary>As many restorable copies as the data class asks for.</summary>
    internal static async Task<IReadOnlyDictionary<string, string>?> SnapshotAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        var taken = new List<SnapshotRecord>();
        for (var number = 1; number <= run.Service.DataClass.ColdCopies; number++)
        {
            var folder = Path.Combine(run.Store.Folder, "snapshots", $"{run.State.UpgradeId}-{number}");
            taken.Add(await run.Engine.Snapshotter.TakeAsync(run.HasOutage ? run.WholeContext : run.Context, folder, cancellationToken));
            run.Tell(ReportLevel.Information, $"Snapshot {number} of {run.Service.DataClass.ColdCopies}: {taken[^1].Bytes:N0} bytes in {folder}.", StepName.Snapshot);
        }

        return Facts.Of((FactName.Snapshots, ModelJson.Write(taken)));
    }

    /// <summary>Brings the target up, closed.</summary>
    internal static async Task<IReadOnlyDictionary<string, string>?> ProvisionAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        await MachineSteps.MakeAsync(run, cancellationToken);
        if (run.Strategy == UpgradeStrategy.VolumeReuse)
        {
            await ReuseSteps.MoveReplicasAsync(run, cancellationToken);
        }
        else
        {
            await run.Engine.Provisioner.ProvisionAsync(run.Context, cancellationToken);
        }

        await run.Guard.PrepareGatesAsync([.. run.Target.Nodes], cancellationToken);
        var probes = await run.Guard.ProbeGatesAsync([.. run.Target.Nodes], cancellationToken);
        foreach (var node in run.Target.Nodes.Where(node => probes[node.Name] is GateState.Open or GateState.Unreachable))
        {
            throw new UpgradeException("TargetNotClosed", $"The new node {node} should refuse client writes, but the write probe found it {probes[node.Name]}.", "Check the node's log; nothing was copied yet.") { Target = node };
        }

        return Facts.None;
    }

    /// <summary>What provisioning will change.</summary>
    internal static string TellProvision(EngineContext context) => ReusedLayout.IsReusing(context.Target)
        ? $"One replica after another: {ReusedLayout.Tell(context)}. Each is snapshotted, stopped, moved, started on version {context.Target.Version}, closed for client writes, and has caught up before the next."
        : $"Starts {context.Target.Nodes.Count()} node(s) of version {context.Target.Version}, closed for client writes: {string.Join(", ", context.Target.Nodes)}.";

    /// <summary>The undo of <see cref="ProvisionAsync"/>: green is removed, with the machines that were made for it. With volumes, they go back one after another before.</summary>
    internal static async Task RemoveTargetAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        if (run.Strategy == UpgradeStrategy.VolumeReuse)
        {
            await ReuseSteps.ReturnAllAsync(run, cancellationToken);
        }
        else if (MachineSteps.Staying(run) is { Shards.Count: > 0 } staying)
        {
            await run.ActAsync(GuardedAct.Remove, run.Context with { Target = staying }, null, cancellationToken);
        }

        await MachineSteps.RemoveAsync(run, cancellationToken);
    }

    /// <summary>What a failed <see cref="ProvisionAsync"/> leaves is taken away; a volume that failed has gone back by itself, and those before it serve where they are.</summary>
    internal static Task UndoProvisionAsync(UpgradeRun run, CancellationToken cancellationToken) => run.Strategy == UpgradeStrategy.VolumeReuse
        ? Task.CompletedTask
        : RemoveTargetAsync(run, cancellationToken);

    /// <summary>Sets up the copy and the stream.</summary>
    internal static async Task<IReadOnlyDictionary<string, string>?> ReplicateAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        await run.ActAsync(GuardedAct.StartReplication, run.Context, null, cancellationToken);
        return Facts.None;
    }

    /// <summary>The undo of <see cref="ReplicateAsync"/>.</summary>
    internal static Task StopReplicationAsync(UpgradeRun run, CancellationToken cancellationToken) =>
        run.Engine.Replicator.StopAsync(run.Context, cancellationToken);

    /// <summary>Waits for the lag to come under the gate, telling how far it is.</summary>
    internal static async Task<IReadOnlyDictionary<string, string>?> CatchUpAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        await new CatchUpWait(run).WaitAsync(cancellationToken);
        run.Reach(run.Back || run.State.State > ClusterState.CaughtUp ? run.State.State : ClusterState.CaughtUp);
        return Facts.None;
    }

    /// <summary>Suites and comparison; a failed gate ends the stretch before anything is closed.</summary>
    internal static Task<IReadOnlyDictionary<string, string>?> VerifyAsync(UpgradeRun run, CancellationToken cancellationToken) =>
        VerificationGate.PassAsync(run, cancellationToken);

    /// <summary>Proves the guard, the engine's acts and the router's control, and leaves their code warm.</summary>
    internal static async Task<IReadOnlyDictionary<string, string>?> RehearseAsync(UpgradeRun run, CancellationToken cancellationToken)
    {
        await HostInspection.RequireReachableAsync(run.Context, cancellationToken);
        await run.Guard.RehearseAsync([.. run.Target.Nodes], cancellationToken);
        await run.Engine.Switchover.RehearseAsync(run.Context, cancellationToken);
        await WindowRehearsal.PlayAsync(run, cancellationToken);
        var status = await run.Router.GetStatusAsync(cancellationToken);
        run.Tell(ReportLevel.Verbose, $"Router sends writes to {status.WriteTarget}, {status.Sessions} session(s).", StepName.Rehearse);
        return Facts.None;
    }
}
