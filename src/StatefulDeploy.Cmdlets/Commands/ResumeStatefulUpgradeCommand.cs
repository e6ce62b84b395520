using System.Management.Automation;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Goes on with an upgrade that stopped: asks the servers how things are, then does what is left.</summary>
[Cmdlet(VerbsLifecycle.Resume, "StatefulUpgrade", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByPath)]
[OutputType(typeof(StatefulCluster))]
public sealed class ResumeStatefulUpgradeCommand : ChangeCommand
{
    /// <summary>Accepts that there may be no way back after the switch.</summary>
    [Parameter]
    public SwitchParameter AllowOneWay { get; set; }

    /// <summary>Accepts that nobody serves while the volume of the only node moves, for as long as the plan says.</summary>
    [Parameter]
    public SwitchParameter AllowOutage { get; set; }

    /// <summary>How many shards are upgraded at the same time.</summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int ThrottleLimit { get; set; }

    /// <summary>Does not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsForced => Force;

    private protected override string Describe(UpgradeRequest request) =>
        $"Go on with the upgrade of '{ServiceName}' from where it stopped, which may switch its traffic";

    private protected override void Change(UpgradeRequest request)
    {
        var consented = request with { ThrottleLimit = ThrottleLimit > 0 ? ThrottleLimit : null, Consent = request.Consent.And(new UpgradeConsent { Switch = true, AllowOneWay = AllowOneWay, AllowOutage = AllowOutage }) };
        WriteObject(Run((reporter, cancellation) => Operations.ResumeAsync(consented, reporter, cancellation)));
    }
}
