using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>Replays a load on a cluster by the engine's own means, and tells how its statements are planned there.</summary>
public interface IWorkload
{
    /// <summary>Draws the statements of a sample from the live old cluster, unless the folder has them from before: both runs replay the same.</summary>
    /// <param name="context">The source is the cluster that is sampled.</param>
    /// <param name="suite">A suite with a workload.</param>
    /// <param name="folder">Where a sample is kept.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>All scripts of the workload.</returns>
    /// <exception cref="UpgradeException">There is nothing to sample from.</exception>
    Task<IReadOnlyList<WorkloadScript>> PrepareAsync(EngineContext context, SuiteDescription suite, string folder, CancellationToken cancellationToken);

    /// <summary>Replays scripts as an ordinary client.</summary>
    /// <exception cref="UpgradeException">The load program is missing, or does not end.</exception>
    Task<WorkloadRun> RunAsync(EngineContext context, ClusterLayout cluster, SuiteDescription suite, IReadOnlyList<WorkloadScript> scripts, CancellationToken cancellationToken);
}
