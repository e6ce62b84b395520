using System.Management.Automation;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Puts a snapshot in the place of its node's data; what was there is kept aside.</summary>
[Cmdlet(VerbsData.Restore, "ClusterSnapshot", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByPath)]
[OutputType(typeof(ClusterSnapshot))]
public sealed class RestoreClusterSnapshotCommand : SnapshotCommand
{
    private protected override string Question => $"Put snapshot '{SnapshotId}' of '{ServiceName}' in the place of its node's data";

    private protected override Task<ClusterSnapshot> ChangeAsync(VolumeRequest request, IReporter reporter, CancellationToken cancellationToken) =>
        Volumes.RestoreSnapshotAsync(request, reporter, cancellationToken);
}
