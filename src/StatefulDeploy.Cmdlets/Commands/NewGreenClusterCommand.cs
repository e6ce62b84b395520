using System.Management.Automation;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Begins an upgrade: preflight, lease, snapshot of blue, and green servers that refuse client writes.</summary>
[Cmdlet(VerbsCommon.New, "GreenCluster", SupportsShouldProcess = true, DefaultParameterSetName = ByPath)]
[OutputType(typeof(StatefulCluster))]
public sealed class NewGreenClusterCommand : PlannedCommand
{
    private protected override UpgradeStretch Stretch => UpgradeStretch.NewGreen;

    private protected override string Describe(UpgradeRequest request) =>
        $"Begin the upgrade of '{ServiceName}'{ToVersion(request)}: take a snapshot of blue and bring up green, closed for clients";
}
