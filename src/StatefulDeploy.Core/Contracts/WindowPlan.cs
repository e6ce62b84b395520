using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>What the watcher needs to end a window without us, either way.</summary>
/// <param name="WindowId">The id of the window: the upgrade's id and a number.</param>
/// <param name="UpgradeId">The upgrade.</param>
/// <param name="Deadline">After this long with nothing decided, the window expires.</param>
/// <param name="Source">The cluster that is closed: opened again when the window expires.</param>
/// <param name="Target">The cluster that is opened when the window is committed.</param>
public sealed record WindowPlan(string WindowId, string UpgradeId, TimeSpan Deadline, ClusterLayout Source, ClusterLayout Target)
{
    /// <summary>Whether nothing hangs on it: it has no nodes.</summary>
    internal bool IsRehearsal => !Source.Nodes.Any() && !Target.Nodes.Any();
}
