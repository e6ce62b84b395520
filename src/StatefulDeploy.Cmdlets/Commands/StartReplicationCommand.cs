using System.Management.Automation;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Starts the copy of blue's data into green and the stream of changes behind it, and returns at once.</summary>
[Cmdlet(VerbsLifecycle.Start, "Replication", SupportsShouldProcess = true, DefaultParameterSetName = ByPath)]
[OutputType(typeof(StatefulCluster))]
public sealed class StartReplicationCommand : ClusterChangeCommand
{
    private protected override UpgradeStretch Stretch => UpgradeStretch.StartReplication;

    private protected override string Describe(UpgradeRequest request) =>
        $"Copy the data of '{ServiceName}' from blue into green, and follow blue's changes";
}
