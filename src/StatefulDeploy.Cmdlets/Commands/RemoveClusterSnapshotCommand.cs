using System.Management.Automation;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Removes a snapshot; never the last good one of its node.</summary>
[Cmdlet(VerbsCommon.Remove, "ClusterSnapshot", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByPath)]
[OutputType(typeof(ClusterSnapshot))]
public sealed class RemoveClusterSnapshotCommand : SnapshotCommand
{
    private protected override string Question => $"Remove snapshot '{SnapshotId}' of '{ServiceName}' for good";

    private protected override Task<ClusterSnapshot> ChangeAsync(VolumeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Volumes.RemoveSnapshotAsync(request, reporter, cancellationToken);
}
