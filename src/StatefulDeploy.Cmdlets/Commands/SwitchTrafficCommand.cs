using System.Management.Automation;
using StatefulDeploy.Cmdlets.Parameters;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Moves the service to green: closes writes if they are open, drains, commits, opens green, and points the router at it.</summary>
[Cmdlet(VerbsCommon.Switch, "Traffic", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByPath)]
[OutputType(typeof(StatefulCluster))]
public sealed class SwitchTrafficCommand : ClusterChangeCommand
{
    /// <summary>After this long with writes closed and nothing decided, blue opens again by itself.</summary>
    [Parameter]
    [Alias("Deadline")]
    [Duration]
    public TimeSpan? WindowDeadline { get; set; }

    /// <summary>No request waits at the router longer than this.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? HoldLimit { get; set; }

    /// <summary>Accepts that there may be no way back after the switch.</summary>
    [Parameter]
    public SwitchParameter AllowOneWay { get; set; }

    /// <summary>Does not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override UpgradeStretch Stretch => UpgradeStretch.Switch;

    private protected override bool IsForced => Force;

    private protected override bool IsConsented =>
        ParameterSetName == ByCluster && Cluster is { State: ClusterState.ReadOnly, Consent.Switch: true };

    private protected override string Describe(UpgradeRequest request) =>
        $"Switch the traffic of '{ServiceName}' to green{(request.TargetVersion is null ? "" : $" ({request.TargetVersion})")}; writes are closed while blue's last ones are drained";

    private protected override UpgradeRequest CreateRequest()
    {
        var request = base.CreateRequest();
        return request with
        {
            WindowDeadline = WindowDeadline,
            HoldLimit = HoldLimit,
            Consent = request.Consent.And(new UpgradeConsent { AllowOneWay = AllowOneWay }),
        };
    }

    private protected override UpgradeConsent Grant(UpgradeConsent consent) => consent with { Switch = true };

    /// <summary>The consent was to this switch; it does not go on to another.</summary>
    private protected override void WriteCluster(StatefulCluster cluster, UpgradeConsent consent) =>
        base.WriteCluster(cluster with { Consent = cluster.Consent with { Switch = false } }, consent with { Switch = false });
}
