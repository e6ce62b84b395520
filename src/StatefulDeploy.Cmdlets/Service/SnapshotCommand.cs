using System.Management.Automation;
using StatefulDeploy.Cmdlets.Completers;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Service;

/// <summary>A cmdlet that changes one snapshot, or the data by it, for good: it asks.</summary>
public abstract class SnapshotCommand : VolumeCommand
{
    /// <summary>The snapshot.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SnapshotIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string? SnapshotId { get; set; }

    /// <summary>Does not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the snapshot.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>What is asked, and shown by <c>-WhatIf</c>.</summary>
    private protected abstract string Question { get; }

    private protected sealed override VolumeRequest CreateVolumeRequest(UpgradeRequest service) => new() { Service = service, SnapshotId = SnapshotId };

    private protected sealed override void Handle(VolumeRequest request)
    {
        if (!IsAgreed(Question, Force))
        {
            return;
        }

        var snapshot = Run((reporter, cancellation) => ChangeAsync(request, reporter, cancellation));
        if (PassThru)
        {
            WriteObject(snapshot);
        }
    }

    /// <summary>Does it.</summary>
    /// <returns>The snapshot.</returns>
    private protected abstract Task<ClusterSnapshot> ChangeAsync(VolumeRequest request, IReporter reporter, CancellationToken cancellationToken);
}
