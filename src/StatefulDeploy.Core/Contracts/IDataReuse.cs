using StatefulDeploy.Model;
using StatefulDeploy.Reuse;

namespace StatefulDeploy.Contracts;

/// <summary>What an engine does around the move of a volume with a node's data from a server of the old version to one of the new. Every method can be run twice.</summary>
public interface IDataReuse
{
    /// <summary>What stands against it: where the data really lies, what the servers demand of each other, who starts them again. Both layouts are whole, and nothing was touched.</summary>
    Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, IReadOnlyList<NodeTransfer> transfers, CancellationToken cancellationToken);

    /// <summary>Makes ready while the old server still runs: notes how it is started again, and lays out the new one, which is not started yet.</summary>
    /// <param name="transfer">Which node becomes which.</param>
    /// <param name="context">Source serves. The new node is closed for clients where source is the cluster that is left, and open where it joins the one that serves.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task PrepareAsync(NodeTransfer transfer, EngineContext context, CancellationToken cancellationToken);

    /// <summary>Whether the server of a node runs on the data of its volume.</summary>
    Task<bool> IsRunningAsync(Node node, EngineContext context, CancellationToken cancellationToken);

    /// <summary>Ends the server of a node in good order, its data written; returns when its process is gone. Nothing when it does not run.</summary>
    /// <exception cref="UpgradeException">It goes on running, or something starts it again.</exception>
    Task StopAsync(Node node, EngineContext context, CancellationToken cancellationToken);

    /// <summary>Starts the new server on the data that the old one left, as a follower of source's primary, or closed and as a writer where the transfer is an outage; returns when it has caught up and would survive its own crash.</summary>
    Task StartNewAsync(NodeTransfer transfer, EngineContext context, CancellationToken cancellationToken);

    /// <summary>Starts the old server again, on its own data or a snapshot of it, as a follower of source's primary, or as the writer that it was where the transfer is an outage; returns when it has caught up.</summary>
    Task StartOldAsync(NodeTransfer transfer, EngineContext context, CancellationToken cancellationToken);
}
