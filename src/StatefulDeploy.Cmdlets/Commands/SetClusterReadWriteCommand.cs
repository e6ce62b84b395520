using System.Management.Automation;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Ends a read-only window without a switch: blue takes writes again.</summary>
[Cmdlet(VerbsCommon.Set, "ClusterReadWrite", SupportsShouldProcess = true, DefaultParameterSetName = ByPath)]
[OutputType(typeof(StatefulCluster))]
public sealed class SetClusterReadWriteCommand : ChangeCommand
{
    private protected override string Describe(UpgradeRequest request) => $"Open writes of '{ServiceName}' again, without a switch";

    private protected override void Change(UpgradeRequest request)
    {
        var cluster = Run((reporter, cancellation) => Operations.OpenWritesAsync(request, reporter, cancellation));
        WriteObject(cluster with { Consent = cluster.Consent with { Switch = false } });
    }
}
