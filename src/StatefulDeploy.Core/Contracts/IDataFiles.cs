using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>What an engine knows about the files of a node that runs: when they can be copied as they lie.</summary>
public interface IDataFiles
{
    /// <summary>
    /// Returns when a copy of the node's folder would hold all data, and a stamp of that state. A copy is good when the stamp is the
    /// same after it: until then nothing but appending has happened to the files.
    /// </summary>
    /// <exception cref="UpgradeException">The node cannot be reached, or cannot bring its files into that state.</exception>
    Task<string> SettleAsync(Node node, EngineContext context, CancellationToken cancellationToken);

    /// <summary>The stamp as it is now.</summary>
    Task<string> StampAsync(Node node, EngineContext context, CancellationToken cancellationToken);
}
