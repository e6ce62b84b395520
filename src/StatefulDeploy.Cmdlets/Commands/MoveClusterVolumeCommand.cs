using System.Management.Automation;
using StatefulDeploy.Cmdlets.Completers;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Takes a volume from the machine that has it to the machine of a node: unmount, detach, attach, mount.</summary>
[Cmdlet(VerbsCommon.Move, "ClusterVolume", SupportsShouldProcess = true, DefaultParameterSetName = ByPath)]
[OutputType(typeof(ClusterVolume))]
public sealed class MoveClusterVolumeCommand : VolumeCommand
{
    /// <summary>The volume.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(VolumeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Volume { get; set; }

    /// <summary>The node to whose machine it goes.</summary>
    [Parameter(Mandatory = true)]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Node { get; set; }

    /// <summary>Accepts that a disk which its machine does not let go of within the stated time is taken from it.</summary>
    [Parameter]
    public SwitchParameter ForceDetach { get; set; }

    private protected override VolumeRequest CreateVolumeRequest(UpgradeRequest service) =>
        new() { Service = service, Volume = Volume, Node = Node, Consent = new VolumeConsent(ForceDetach) };

    private protected override void Handle(VolumeRequest request)
    {
        if (IsAgreed($"Move volume '{Volume}' of '{ServiceName}' to the machine of node '{Node}'", preview: () => Preview(request)))
        {
            WriteObject(Run((reporter, cancellation) => Volumes.MoveVolumeAsync(request, reporter, cancellation)));
        }
    }

    private IEnumerable<string> Preview(VolumeRequest request) =>
        Run((reporter, cancellation) => Volumes.GetVolumesAsync(request with { Node = null }, reporter, cancellation))
            .Select(volume => $"Volume '{volume.Volume}' is {volume.State}{(volume.Host.Length > 0 ? $" on host '{volume.Host}' as {volume.Device}" : "")}; it would be unmounted there, detached, attached, and mounted at '{volume.MountPoint}'. {volume.Message}".TrimEnd());
}
