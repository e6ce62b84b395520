using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>
/// The orchestrator's side of the guard on the writer's host: the lease, the epoch register, the watcher and the outcome of a window.
/// Every call carries the epoch of the lease; an older one is refused with <see cref="FailureCategory.StaleEpoch"/>. Every call has a
/// deadline, can be made twice, and finds the guard again (or starts it anew) when its process died in between.
/// </summary>
public interface IGuard : IAsyncDisposable
{
    /// <summary>The epoch of our lease.</summary>
    long Epoch { get; }

    /// <summary>Cancelled when a call or the heartbeat was refused because somebody else has taken over: nothing may be changed any more.</summary>
    CancellationToken LeaseLost { get; }

    /// <summary>Lets one harmless window expire for real and commits another, with the same requests as the real ones.</summary>
    /// <param name="harmless">Nodes that are closed anyway, such as the target's: they are closed once more, so that the way to a node is proved and warm.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task RehearseAsync(IReadOnlyList<Node> harmless, CancellationToken cancellationToken);

    /// <summary>Hands the undo and the way forward of every closure to the watcher, before anything is closed. The deadline counts from now.</summary>
    Task ArmAsync(WindowPlan plan, CancellationToken cancellationToken);

    /// <summary>Prepares the gates of nodes: see <see cref="INodeGate.PrepareAsync"/>.</summary>
    Task PrepareGatesAsync(IReadOnlyList<Node> nodes, CancellationToken cancellationToken);

    /// <summary>Closes nodes at once, in parallel.</summary>
    Task CloseGatesAsync(IReadOnlyList<Node> nodes, CancellationToken cancellationToken);

    /// <summary>Opens nodes. The nodes of a window's source only when its outcome is expired, those of its target only when it is committed.</summary>
    Task OpenGatesAsync(IReadOnlyList<Node> nodes, CancellationToken cancellationToken);

    /// <summary>Tries a real write on each node, as an ordinary client.</summary>
    Task<IReadOnlyDictionary<string, GateState>> ProbeGatesAsync(IReadOnlyList<Node> nodes, CancellationToken cancellationToken);

    /// <summary>Runs an act of the engine on <see cref="EngineContext.Target"/> inside the guard. Refused under an older epoch, and when target is live or was given the right to be.</summary>
    /// <param name="act">The act.</param>
    /// <param name="context">The two clusters; only their layouts and the upgrade's id reach the guard.</param>
    /// <param name="position">For <see cref="GuardedAct.StartReplication"/> in reverse: from where.</param>
    /// <param name="within">How long it may take; then it is ended and fails with <see cref="FailureCategory.Timeout"/>.</param>
    /// <param name="cancellationToken">Stops the waiting; the act itself ends by itself or at its time.</param>
    Task ActAsync(GuardedAct act, EngineContext context, ClusterPosition? position, TimeSpan within, CancellationToken cancellationToken);

    /// <summary>Tries to decide for the target.</summary>
    /// <returns>What was decided, by whomever.</returns>
    Task<WindowOutcome> CommitAsync(string windowId, CancellationToken cancellationToken);

    /// <summary>Tries to decide for the source; the watcher then opens it again.</summary>
    /// <returns>What was decided, by whomever.</returns>
    Task<WindowOutcome> ExpireAsync(string windowId, CancellationToken cancellationToken);

    /// <summary>
    /// After a commit: decides for the source after all, because the target died before it was opened. Refused once an opening of the target
    /// was begun. The lease is taken again for it, which raises the epoch.
    /// </summary>
    /// <returns>What holds now.</returns>
    Task<WindowOutcome> RevertAsync(string windowId, CancellationToken cancellationToken);

    /// <summary>The window that was armed last and is not completed; null when there is none.</summary>
    Task<WindowStatus?> GetWindowAsync(CancellationToken cancellationToken);

    /// <summary>Everything that the outcome called for was done and verified: the watcher's work on this window has ended.</summary>
    Task CompleteAsync(string windowId, CancellationToken cancellationToken);

    /// <summary>Gives the lease back and, when nothing is armed, ends the guard's process.</summary>
    Task ReleaseAsync(CancellationToken cancellationToken);
}
