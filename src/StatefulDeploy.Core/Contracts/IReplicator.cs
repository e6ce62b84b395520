using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>Carries source's data into target and follows its changes. Every method can be run twice.</summary>
public interface IReplicator
{
    /// <summary>Starts the initial copy and the stream behind it; returns when both are set up, not when they are done. In reverse it starts from the point that <see cref="ISwitchover.PromoteAsync"/> captured.</summary>
    /// <param name="context">The direction.</param>
    /// <param name="from">In reverse: the captured point; null for a forward copy.</param>
    /// <param name="cancellationToken">Stops the setting up.</param>
    Task StartAsync(EngineContext context, ClusterPosition? from, CancellationToken cancellationToken);

    /// <summary>How far it has come. Never throws because replication is broken: the status says so.</summary>
    Task<ReplicationStatus> GetStatusAsync(EngineContext context, CancellationToken cancellationToken);

    /// <summary>Ends it and removes what it made on source. Target keeps the data it has, and stays fenced.</summary>
    Task StopAsync(EngineContext context, CancellationToken cancellationToken);
}
