using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>
/// Makes the machines on which green's nodes are to be, and removes them. What it makes it marks as made for the service and the upgrade, and
/// nothing without that mark is ever changed or removed. Every method can be run twice, also by another process.
/// </summary>
public interface IMachineProvider
{
    /// <summary>The hosts whose machines are made in the course of an upgrade.</summary>
    /// <exception cref="UpgradeException">Green is not described with hosts of its own.</exception>
    IReadOnlyList<string> Hosts { get; }

    /// <summary>Those of <see cref="Hosts"/> that are not there yet.</summary>
    Task<IReadOnlyList<string>> FindUnmadeAsync(CancellationToken cancellationToken);

    /// <summary>What stands against making them: names, sizes, zones, quotas, rights, and what is there already. Touches nothing.</summary>
    /// <param name="context">The two clusters and the upgrade.</param>
    /// <param name="cancellationToken">Stops it.</param>
    Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, CancellationToken cancellationToken);

    /// <summary>Makes those that are not there, and waits for those that are being made. They have booted, but need not answer yet.</summary>
    /// <exception cref="UpgradeException">One cannot be made; what was made is left for <see cref="RemoveAsync"/>.</exception>
    Task MakeAsync(EngineContext context, CancellationToken cancellationToken);

    /// <summary>Removes what was made for the upgrade. The caller has made sure that nothing there serves.</summary>
    /// <exception cref="UpgradeException">One has a volume with data, or cannot be removed.</exception>
    Task RemoveAsync(EngineContext context, CancellationToken cancellationToken);

    /// <summary>
    /// The source's servers have stopped for good. Machines of it that were made for an earlier upgrade of the service are marked as retired, and those that
    /// were retired longer ago than the data class keeps snapshots are removed.
    /// </summary>
    /// <exception cref="UpgradeException">One cannot be marked or removed.</exception>
    Task RetireAsync(EngineContext context, CancellationToken cancellationToken);
}
