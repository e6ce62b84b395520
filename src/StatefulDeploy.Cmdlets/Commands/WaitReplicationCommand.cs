using System.Management.Automation;
using StatefulDeploy.Cmdlets.Parameters;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Waits until green follows blue within the lag gate.</summary>
[Cmdlet(VerbsLifecycle.Wait, "Replication", DefaultParameterSetName = ByPath)]
[OutputType(typeof(StatefulCluster))]
public sealed class WaitReplicationCommand : ReadCommand
{
    /// <summary>The lag, in bytes of the write stream, under which green counts as caught up.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long? LagGate { get; set; }

    /// <summary>How long to wait at most.</summary>
    [Parameter]
    [Alias("Timeout")]
    [Duration]
    public TimeSpan? CatchUpDeadline { get; set; }

    private protected override void Read(UpgradeRequest request)
    {
        var bounded = request with { LagGate = LagGate, CatchUpDeadline = CatchUpDeadline };
        var cluster = Run((reporter, cancellation) => Operations.RunAsync(UpgradeStretch.WaitReplication, bounded, reporter, cancellation));
        WriteObject(cluster with { Consent = cluster.Consent.And(request.Consent) });
    }
}
