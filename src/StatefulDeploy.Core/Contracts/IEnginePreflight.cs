using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>What an engine asks before anything is touched.</summary>
public interface IEnginePreflight
{
    /// <summary>Asks one node how it is. Never throws for a node that cannot be reached or refuses the password: the status says so.</summary>
    Task<NodeStatus> ProbeAsync(Node node, EngineContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Everything that stands against this upgrade or that its operator should know: versions, privileges, configuration, capacity,
    /// automatic failover, what replication does not carry. <see cref="EngineContext.Target"/> is only planned at this time.
    /// </summary>
    Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, CancellationToken cancellationToken);

    /// <summary>The shape of green for a version: the described one, or blue's with free ports and folders of its own.</summary>
    /// <exception cref="UpgradeException">The version is unknown, or the described shape cannot be.</exception>
    Task<ClusterLayout> PlanGreenAsync(ServiceDescription service, string version, IHostDirectory hosts, CancellationToken cancellationToken);

    /// <summary>Whether shards of both versions can serve side by side, as they do while a service is upgraded shard by shard.</summary>
    /// <param name="service">The service.</param>
    /// <param name="version">The version of the shards that were switched.</param>
    IReadOnlyList<Finding> InspectMixture(ServiceDescription service, string version) =>
        [Finding.Warn("MixedVersions", service.Name, $"Until the last shard is switched, clients meet shards of {service.Blue.Version} and of {version} at once.", "Use only what both versions know until then.")];

    /// <summary>How a switch from source to target could be undone.</summary>
    Task<WayBack> FindWayBackAsync(EngineContext context, CancellationToken cancellationToken);

    /// <summary>The bytes of data in source, for the plan's capacity and time.</summary>
    Task<long> MeasureAsync(EngineContext context, CancellationToken cancellationToken);
}
