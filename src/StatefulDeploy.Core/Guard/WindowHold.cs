using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard;

/// <summary>The router's hold over a window, for whoever takes the window on: the workflow, its recovery, or the watcher.</summary>
internal static class WindowHold
{
    /// <summary>The bounds of the hold, as the service's limits have them.</summary>
    internal static HoldLimits LimitsOf(UpgradeLimits limits) => new(limits.WindowDeadline, limits.HoldLimit, limits.HoldBytes, limits.TransactionGrace);

    /// <summary>A hold that ended by itself before the commit was acted on is made anew: it takes one to move the reads before the writes.</summary>
    internal static async Task RenewAsync(IRouter router, ClusterLayout target, UpgradeLimits limits, long epoch, CancellationToken cancellationToken)
    {
        var status = await router.GetStatusAsync(cancellationToken);
        if (!status.Holding && status.WriteTarget != target.Writer.Endpoint.ToString())
        {
            await router.HoldAsync(LimitsOf(limits), epoch, cancellationToken);
        }
    }
}
