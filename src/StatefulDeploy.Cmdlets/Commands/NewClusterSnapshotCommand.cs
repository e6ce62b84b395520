using System.Management.Automation;
using StatefulDeploy.Cmdlets.Completers;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Takes a snapshot of nodes' data, by the means of their file systems.</summary>
[Cmdlet(VerbsCommon.New, "ClusterSnapshot", SupportsShouldProcess = true, DefaultParameterSetName = ByPath)]
[OutputType(typeof(ClusterSnapshot))]
public sealed class NewClusterSnapshotCommand : VolumeCommand
{
    /// <summary>The node; all nodes of blue when left out.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Node { get; set; }

    /// <summary>Puts it into the archive at once.</summary>
    [Parameter]
    public SwitchParameter Archive { get; set; }

    private protected override VolumeRequest CreateVolumeRequest(UpgradeRequest service) => new() { Service = service, Node = Node, Archive = Archive };

    private protected override void Handle(VolumeRequest request)
    {
        if (IsAgreed($"Take a snapshot of {(Node is null ? "every node" : $"node '{Node}'")} of '{ServiceName}'{(Archive ? " and archive it" : "")}"))
        {
            WriteObject(Run((reporter, cancellation) => Volumes.TakeSnapshotsAsync(request, reporter, cancellation)), enumerateCollection: true);
        }
    }
}
