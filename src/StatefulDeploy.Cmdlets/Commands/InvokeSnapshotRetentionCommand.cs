using System.Management.Automation;
using StatefulDeploy.Cmdlets.Completers;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Archives and removes snapshots as the data class says; never the last good one of a node.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "SnapshotRetention", SupportsShouldProcess = true, DefaultParameterSetName = ByPath)]
[OutputType(typeof(SnapshotRetentionResult))]
public sealed class InvokeSnapshotRetentionCommand : VolumeCommand
{
    /// <summary>Only the snapshots of this node.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Node { get; set; }

    private protected override VolumeRequest CreateVolumeRequest(UpgradeRequest service) => new() { Service = service, Node = Node };

    private protected override void Handle(VolumeRequest request)
    {
        if (IsAgreed($"Archive and remove snapshots of {(Node is null ? "every node" : $"node '{Node}'")} of '{ServiceName}' by its data class", preview: () => Preview(request)))
        {
            WriteObject(Run((reporter, cancellation) => Volumes.ApplyRetentionAsync(request, reporter, cancellation)), enumerateCollection: true);
        }
    }

    private IEnumerable<string> Preview(VolumeRequest request) =>
        Run((reporter, cancellation) => Volumes.PlanRetentionAsync(request, reporter, cancellation))
            .Select(result => $"Snapshot '{result.SnapshotId}' would be {result.Fate}: {result.Reason}.");
}
