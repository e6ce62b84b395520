using System.Management.Automation;
using StatefulDeploy.Cmdlets.Parameters;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Switches back to blue, which has followed green since the switch: nothing that green acknowledged is lost.</summary>
[Cmdlet(VerbsCommon.Undo, "TrafficSwitch", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByPath)]
[OutputType(typeof(StatefulCluster))]
public sealed class UndoTrafficSwitchCommand : ClusterChangeCommand
{
    /// <summary>After this long with writes closed and nothing decided, green opens again by itself.</summary>
    [Parameter]
    [Alias("Deadline")]
    [Duration]
    public TimeSpan? WindowDeadline { get; set; }

    /// <summary>No request waits at the router longer than this.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? HoldLimit { get; set; }

    /// <summary>Does not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override UpgradeStretch Stretch => UpgradeStretch.SwitchBack;

    private protected override bool IsForced => Force;

    private protected override string Describe(UpgradeRequest request) =>
        $"Switch the traffic of '{ServiceName}' back to blue; writes are closed while green's last ones are drained";

    private protected override UpgradeRequest CreateRequest() => base.CreateRequest() with { WindowDeadline = WindowDeadline, HoldLimit = HoldLimit };

    private protected override UpgradeConsent Grant(UpgradeConsent consent) => consent with { Switch = true };

    /// <summary>The consent was to this switch; it does not go on to another.</summary>
    private protected override void WriteCluster(StatefulCluster cluster, UpgradeConsent consent) =>
        base.WriteCluster(cluster with { Consent = cluster.Consent with { Switch = false } }, consent with { Switch = false });
}
