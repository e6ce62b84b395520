using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Routers.Instances;

/// <summary>One process of a router that is not ours. One that is not there any more throws <see cref="FailureCategory.Unreachable"/>; one that is there and silent, <see cref="FailureCategory.Timeout"/>.</summary>
internal interface IRouterInstance : IAsyncDisposable
{
    /// <summary>Its control address.</summary>
    string Name { get; }

    /// <summary>Where it sends requests now.</summary>
    Task<InstanceStatus> GetStatusAsync(CancellationToken cancellationToken);

    /// <summary>What stands against using it with this writer.</summary>
    Task<IReadOnlyList<Finding>> InspectAsync(NodeEndpoint writer, CancellationToken cancellationToken);

    /// <summary>Before the window: connections to it are opened, and its next configuration is on disk beside the present one.</summary>
    Task PrepareAsync(NodeEndpoint target, CancellationToken cancellationToken);

    /// <summary>It holds what it can hold from now on. Bounded by the limits.</summary>
    Task HoldAsync(HoldLimits limits, CancellationToken cancellationToken);

    /// <summary>Its configuration names the target, and it has taken that into use; nothing goes on yet. For one that is not there the configuration alone is changed: it comes back at the target.</summary>
    /// <returns>Whether it is there.</returns>
    Task<bool> RouteAsync(NodeEndpoint target, CancellationToken cancellationToken);

    /// <summary>The hold ends. Nothing where nothing is held, or it is not there.</summary>
    Task ResumeAsync(CancellationToken cancellationToken);

    /// <summary>Whether its configuration can be changed also while it is not there itself.</summary>
    /// <exception cref="UpgradeException">It cannot.</exception>
    Task ProveConfigurableAsync(CancellationToken cancellationToken);

    /// <summary>When nobody waits any more: what was changed is on disk, and what was prepared is gone.</summary>
    Task SettleAsync(CancellationToken cancellationToken);
}
