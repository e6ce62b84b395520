using System.Management.Automation;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Tells how far one cluster has followed the other.</summary>
[Cmdlet(VerbsCommon.Get, "Replication", DefaultParameterSetName = ByPath)]
[OutputType(typeof(ReplicationStatus))]
public sealed class GetReplicationCommand : ReadCommand
{
    private protected override void Read(UpgradeRequest request) =>
        WriteObject(Run((reporter, cancellation) => Operations.GetReplicationAsync(request, reporter, cancellation)));
}
