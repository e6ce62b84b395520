using System.Management.Automation;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Takes an upgrade back: before the switch green is removed, after it traffic goes back to blue without loss first.</summary>
[Cmdlet(VerbsCommon.Undo, "StatefulUpgrade", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByPath)]
[OutputType(typeof(StatefulCluster))]
public sealed class UndoStatefulUpgradeCommand : ChangeCommand
{
    /// <summary>Does not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override string Describe(UpgradeRequest request) =>
        $"Take the upgrade of '{ServiceName}' back: traffic goes back to blue if it was switched, and green is removed";

    private protected override void Change(UpgradeRequest request)
    {
        var consented = request with { Consent = request.Consent with { Switch = true } };
        WriteObject(Run((reporter, cancellation) => Operations.UndoAsync(consented, reporter, cancellation)));
    }
}
