using System.Management.Automation;
using StatefulDeploy.Cmdlets.Completers;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Lists the snapshots of a service, newest first.</summary>
[Cmdlet(VerbsCommon.Get, "ClusterSnapshot", DefaultParameterSetName = ByPath)]
[OutputType(typeof(ClusterSnapshot))]
public sealed class GetClusterSnapshotCommand : VolumeCommand
{
    /// <summary>The snapshot; all when left out.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string? SnapshotId { get; set; }

    /// <summary>Only snapshots of this node.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Node { get; set; }

    private protected override VolumeRequest CreateVolumeRequest(UpgradeRequest service) => new() { Service = service, Node = Node, SnapshotId = SnapshotId };

    private protected override void Handle(VolumeRequest request) =>
        WriteObject(Run((reporter, cancellation) => Volumes.GetSnapshotsAsync(request, reporter, cancellation)), enumerateCollection: true);
}
