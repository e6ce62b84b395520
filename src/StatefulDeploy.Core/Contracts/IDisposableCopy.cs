using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>
/// Makes copies of a cluster that nobody misses: for suites that write, and for a load baseline on the old version. A copy holds the
/// data of the moment, takes writes, replicates nowhere, and is never in the way of the cluster that it was made of.
/// </summary>
public interface IDisposableCopy
{
    /// <summary>Whether suites that only read need a copy too, because a closed node of this engine lets no client in.</summary>
    bool IsNeededToRead => false;

    /// <summary>Makes a copy of one of the two clusters of the context, of the same version, on free ports and in folders of its own.</summary>
    /// <param name="context">The two clusters.</param>
    /// <param name="of">The cluster to copy.</param>
    /// <param name="name">What the copy is for, in file-name characters; part of its nodes' names and folders.</param>
    /// <param name="cancellationToken">Stops it; what was made is left for <see cref="RemoveAsync"/>.</param>
    /// <returns>The copy: the same shards and accounts, other endpoints.</returns>
    Task<ClusterLayout> MakeAsync(EngineContext context, ClusterLayout of, string name, CancellationToken cancellationToken);

    /// <summary>Removes whatever a copy of that name left, also when making it had failed. Can be run twice.</summary>
    Task RemoveAsync(EngineContext context, ClusterLayout of, string name, CancellationToken cancellationToken);
}
