using System.Management.Automation;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Asks a running upgrade, in whatever process, to stop at the next step where nothing is closed.</summary>
[Cmdlet(VerbsLifecycle.Stop, "StatefulUpgrade", SupportsShouldProcess = true, DefaultParameterSetName = ByPath)]
[OutputType(typeof(UpgradeSummary))]
public sealed class StopStatefulUpgradeCommand : ChangeCommand
{
    /// <summary>Writes the upgrade as it is afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override string Describe(UpgradeRequest request) =>
        $"Stop the upgrade of '{ServiceName}' at the next step where nothing is closed";

    private protected override void Change(UpgradeRequest request)
    {
        var summary = Run((reporter, cancellation) => Operations.StopAsync(request, reporter, cancellation));
        if (PassThru)
        {
            WriteObject(summary);
        }
    }
}
