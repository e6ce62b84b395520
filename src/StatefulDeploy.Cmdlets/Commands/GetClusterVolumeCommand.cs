using System.Management.Automation;
using StatefulDeploy.Cmdlets.Completers;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Asks every host of a service where its volumes are. Touches nothing.</summary>
[Cmdlet(VerbsCommon.Get, "ClusterVolume", DefaultParameterSetName = ByPath)]
[OutputType(typeof(ClusterVolume))]
public sealed class GetClusterVolumeCommand : VolumeCommand
{
    /// <summary>The volume; all of the service when left out.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(VolumeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Volume { get; set; }

    /// <summary>Only the volume of this node.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Node { get; set; }

    private protected override VolumeRequest CreateVolumeRequest(UpgradeRequest service) => new() { Service = service, Volume = Volume, Node = Node };

    private protected override void Handle(VolumeRequest request) =>
        WriteObject(Run((reporter, cancellation) => Volumes.GetVolumesAsync(request, reporter, cancellation)), enumerateCollection: true);
}
