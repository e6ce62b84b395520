using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>Makes and removes nodes. Every method can be run twice.</summary>
public interface INodeProvisioner
{
    /// <summary>Brings up all nodes of target with their configuration. They refuse client writes by their own fence, also after a restart, from their first moment.</summary>
    /// <exception cref="UpgradeException">A port is taken, software is missing, memory or disk do not suffice; what was made is left for <see cref="RemoveAsync"/>.</exception>
    Task ProvisionAsync(EngineContext context, CancellationToken cancellationToken);

    /// <summary>Stops the nodes of a cluster and removes what <see cref="ProvisionAsync"/> made for it. What it did not make is not touched.</summary>
    Task RemoveAsync(EngineContext context, ClusterLayout layout, CancellationToken cancellationToken);

    /// <summary>Retires a cluster that no client uses any more: its servers stop for good, and their data stays where it is until retention ends.</summary>
    Task RetireAsync(EngineContext context, ClusterLayout layout, CancellationToken cancellationToken);

    /// <summary>The connections of clients to a cluster that do not come from us, from replicas or from the router, as <c>node address name</c> lines.</summary>
    Task<IReadOnlyList<string>> ListClientsAsync(EngineContext context, ClusterLayout layout, CancellationToken cancellationToken);
}
