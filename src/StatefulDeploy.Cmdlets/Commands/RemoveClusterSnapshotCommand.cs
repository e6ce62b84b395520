using System.Management.Automation;
using StatefulDeploy.Cmdlets.Completers;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Removes a snapshot; never the last good one of its node.</summary>
[Cmdlet(VerbsCommon.Remove, "ClusterSnapshot", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByPath)]
[OutputType(typeof(ClusterSnapshot))]
public sealed class RemoveClusterSnapshotCommand : VolumeCommand
{
    /// <summary>The snapshot.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SnapshotIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string? SnapshotId { get; set; }

    /// <summary>Does not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the snapshot that was removed.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override VolumeRequest CreateVolumeRequest(UpgradeRequest service) => new() { Service = service, SnapshotId = SnapshotId };

    private protected override void Handle(VolumeRequest request)
    {
        if (!IsAgreed($"Remove snapshot '{SnapshotId}' of '{ServiceName}' for good", Force))
        {
            return;
        }

        var removed = Run((reporter, cancellation) => Volumes.RemoveSnapshotAsync(request, reporter, cancellation));
        if (PassThru)
        {
            WriteObject(removed);
        }
    }
}
