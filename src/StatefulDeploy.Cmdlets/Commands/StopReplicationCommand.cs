using System.Management.Automation;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Ends replication; green keeps what it has and stays closed for clients.</summary>
[Cmdlet(VerbsLifecycle.Stop, "Replication", SupportsShouldProcess = true, DefaultParameterSetName = ByPath)]
[OutputType(typeof(ReplicationStatus))]
public sealed class StopReplicationCommand : ChangeCommand
{
    /// <summary>Writes where replication stands afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override string Describe(UpgradeRequest request) =>
        $"End the replication of '{ServiceName}'; green keeps what it has, and needs a new copy to go on";

    private protected override void Change(UpgradeRequest request)
    {
        var status = Run((reporter, cancellation) => Operations.StopReplicationAsync(request, reporter, cancellation));
        if (PassThru)
        {
            WriteObject(status);
        }
    }
}
