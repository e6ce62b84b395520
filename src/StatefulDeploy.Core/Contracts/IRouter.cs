using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>
/// What clients connect to. Holding and switching are conveniences for clients: safety never rests on a router.
/// Every change carries the epoch and an older one is refused; every change can be run twice.
/// </summary>
public interface IRouter : IAsyncDisposable
{
    /// <summary>The kind, as the YAML uses it.</summary>
    string Kind { get; }

    /// <summary>What this router promises for reads, connections and held requests; shown in the plan.</summary>
    RouterPromise Promise { get; }

    /// <summary>Where it sends requests now.</summary>
    Task<RouterStatus> GetStatusAsync(CancellationToken cancellationToken);

    /// <summary>What stands against using it; asked in preflight.</summary>
    Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, CancellationToken cancellationToken);

    /// <summary>Before the window: plays the acts of one without a router and without clients, so that their code is warm.</summary>
    Task RehearseAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Before the window: opens and warms the way to the target.</summary>
    Task PrepareAsync(RouterTargets target, long epoch, CancellationToken cancellationToken);

    /// <summary>Writes queue from now on and reads go on; returns when no write is in flight any more. Ends by itself at the deadline of the limits.</summary>
    Task HoldAsync(HoldLimits limits, long epoch, CancellationToken cancellationToken);

    /// <summary>After the commit, before green opens: reads go to the target, writes stay held.</summary>
    Task RouteReadsAsync(RouterTargets target, long epoch, CancellationToken cancellationToken);

    /// <summary>Everything goes to the target; held requests go on there.</summary>
    Task SwitchAsync(RouterTargets target, long epoch, CancellationToken cancellationToken);

    /// <summary>The hold ends without a switch; everything goes to the given target, which is where it went before.</summary>
    Task ReleaseAsync(RouterTargets target, long epoch, CancellationToken cancellationToken);
}
