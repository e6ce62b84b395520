using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>The operations behind the cmdlets about Azure itself. All failures are <see cref="UpgradeException"/>s.</summary>
public interface IAzureOperations
{
    /// <summary>Signs this process in: what it does on that cloud afterwards is done by that identity, unless a service file names another.</summary>
    /// <exception cref="UpgradeException">Nobody can be signed in so, or the identity does not see the subscription or the group.</exception>
    Task<AzureConnection> ConnectAsync(AzureConnectionRequest request, IReporter reporter, CancellationToken cancellationToken);

    /// <summary>What the machines of a service have left, those that are to be made with them. Touches nothing.</summary>
    /// <exception cref="UpgradeException">The service is not on Azure, or a machine cannot be read.</exception>
    Task<IReadOnlyList<AzureClusterCapacity>> GetCapacityAsync(UpgradeRequest request, IReporter reporter, CancellationToken cancellationToken);
}
