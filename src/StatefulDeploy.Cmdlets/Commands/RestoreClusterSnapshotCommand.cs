using System.Management.Automation;
using StatefulDeploy.Cmdlets.Completers;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Puts a snapshot in the place of its node's data; what was there is kept aside.</summary>
[Cmdlet(VerbsData.Restore, "ClusterSnapshot", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByPath)]
[OutputType(typeof(ClusterSnapshot))]
public sealed class RestoreClusterSnapshotCommand : VolumeCommand
{
    /// <summary>The snapshot.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SnapshotIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string? SnapshotId { get; set; }

    /// <summary>Does not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the snapshot that was restored.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override VolumeRequest CreateVolumeRequest(UpgradeRequest service) => new() { Service = service, SnapshotId = SnapshotId };

    private protected override void Handle(VolumeRequest request)
    {
        if (!IsAgreed($"Put snapshot '{SnapshotId}' of '{ServiceName}' in the place of its node's data", Force))
        {
            return;
        }

        var restored = Run((reporter, cancellation) => Volumes.RestoreSnapshotAsync(request, reporter, cancellation));
        if (PassThru)
        {
            WriteObject(restored);
        }
    }
}
