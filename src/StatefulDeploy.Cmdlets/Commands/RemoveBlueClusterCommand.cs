using System.Management.Automation;
using StatefulDeploy.Cmdlets.Parameters;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Waits out the soak, then retires blue for good: last snapshot, servers stopped, lease released.</summary>
[Cmdlet(VerbsCommon.Remove, "BlueCluster", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByPath)]
[OutputType(typeof(StatefulCluster))]
public sealed class RemoveBlueClusterCommand : ClusterChangeCommand
{
    /// <summary>How long green must serve without trouble first.</summary>
    [Parameter]
    [Duration]
    public TimeSpan? Soak { get; set; }

    /// <summary>Does not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the cluster as it is afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override UpgradeStretch Stretch => UpgradeStretch.Retire;

    private protected override bool IsForced => Force;

    private protected override string Describe(UpgradeRequest request) =>
        $"Retire blue of '{ServiceName}' after {(Soak is { } soak ? $"a soak of {Quantity.Text(soak)}" : "its soak")}; from then on its traffic cannot be switched back";

    private protected override UpgradeRequest CreateRequest() => base.CreateRequest() with { Soak = Soak };

    private protected override void WriteCluster(StatefulCluster cluster, UpgradeConsent consent)
    {
        if (PassThru)
        {
            base.WriteCluster(cluster, consent);
        }
    }
}
