using System.Management.Automation;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Moves the service to green: closes writes if they are open, drains, commits, opens green, and points the router at it.</summary>
[Cmdlet(VerbsCommon.Switch, "Traffic", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByPath)]
[OutputType(typeof(StatefulCluster))]
public sealed class SwitchTrafficCommand : WindowCommand
{
    /// <summary>Accepts that there may be no way back after the switch.</summary>
    [Parameter]
    public SwitchParameter AllowOneWay { get; set; }

    /// <summary>Accepts that nobody serves while the volume of the only node moves, for as long as the plan says.</summary>
    [Parameter]
    public SwitchParameter AllowOutage { get; set; }

    private protected override UpgradeStretch Stretch => UpgradeStretch.Switch;

    private protected override bool IsConsented =>
        ParameterSetName == ByCluster && Cluster is { State: ClusterState.ReadOnly, Consent.Switch: true };

    private protected override string Describe(UpgradeRequest request) =>
        $"Switch the traffic of '{ServiceName}' to green{(request.TargetVersion is null ? "" : $" ({request.TargetVersion})")}; writes are closed while blue's last ones are drained";

    private protected override UpgradeRequest CreateRequest()
    {
        var request = base.CreateRequest();
        return request with { Consent = request.Consent.And(new UpgradeConsent { AllowOneWay = AllowOneWay, AllowOutage = AllowOutage }) };
    }

    /// <summary>The consent was to this switch; it does not go on to another.</summary>
    private protected override void WriteCluster(StatefulCluster cluster, UpgradeConsent consent) =>
        base.WriteCluster(cluster with { Consent = cluster.Consent with { Switch = false } }, consent with { Switch = false });
}
