using System.Management.Automation;
using StatefulDeploy.Cmdlets.Service;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cmdlets.Commands;

/// <summary>Closes blue for writes until a deadline: held at the router, refused by every node. Asks once for the window and the switch in it.</summary>
[Cmdlet(VerbsCommon.Set, "ClusterReadOnly", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ByPath)]
[OutputType(typeof(StatefulCluster))]
public sealed class SetClusterReadOnlyCommand : WindowCommand
{
    private protected override UpgradeStretch Stretch => UpgradeStretch.CloseWrites;

    private protected override string Describe(UpgradeRequest request) =>
        $"Close writes of '{ServiceName}' for at most {(WindowDeadline is { } deadline ? Quantity.Text(deadline) : "its window deadline")}, and allow its traffic to be switched within that time";

    /// <summary>Without an upgrade there is no green to plan: then it is the fence alone, for maintenance.</summary>
    private protected override void ShowPlan(UpgradeRequest request)
    {
        var cluster = Cluster ?? Run((reporter, cancellation) => Operations.GetClusterAsync(request, reporter, cancellation));
        if (cluster.Green is null)
        {
            Show($"Maintenance: holds writes at the router and closes {string.Join(", ", cluster.Blue.Nodes)}; they open again by themselves at the deadline, or by Set-ClusterReadWrite.");
        }
        else
        {
            base.ShowPlan(request);
        }
    }
}
