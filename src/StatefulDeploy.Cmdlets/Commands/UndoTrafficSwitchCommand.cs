using System.Management.Automation;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Switches back to blue, which has followed green since the switch: nothing that green acknowledged is lost.</summary>
[Cmdlet(VerbsCommon.Undo, "TrafficSwitch", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByPath)]
[OutputType(typeof(StatefulCluster))]
public sealed class UndoTrafficSwitchCommand : WindowCommand
{
    private protected override UpgradeStretch Stretch => UpgradeStretch.SwitchBack;

    private protected override string Describe(UpgradeRequest request) =>
        $"Switch the traffic of '{ServiceName}' back to blue; writes are closed while green's last ones are drained";

    /// <summary>The consent was to this switch; it does not go on to another.</summary>
    private protected override void WriteCluster(StatefulCluster cluster, UpgradeConsent consent) =>
        base.WriteCluster(cluster with { Consent = cluster.Consent with { Switch = false } }, consent with { Switch = false });
}
