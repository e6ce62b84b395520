using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Machines;

/// <summary>Makes green's virtual machines in blue's shape or after a template, and removes them, through Resource Manager.</summary>
public sealed class AzureMachineProvider : IMachineProvider
{
    private readonly Lazy<AzureService> _azure;

    /// <summary>The machines of a service; nobody is signed in before something is asked.</summary>
    /// <param name="service">The service, with its section <c>azure</c>.</param>
    /// <param name="reporter">Where steps are told.</param>
    public AzureMachineProvider(ServiceDescription service, IReporter reporter)
        : this(() => new AzureService(service, reporter))
    {
    }

    internal AzureMachineProvider(Func<AzureService> azure) => _azure = new(azure);

    /// <inheritdoc/>
    public IReadOnlyList<string> Hosts => [.. MachineOrder.Of(Azure).Select(order => order.Host)];

    private AzureService Azure => _azure.Value;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> FindUnmadeAsync(CancellationToken cancellationToken)
    {
        var orders = MachineOrder.Of(Azure);
        var found = await Task.WhenAll(orders.Select(order => Azure.Client.FindAsync(order.Machine, cancellationToken)));
        return [.. orders.Where((_, index) => found[index] is null).Select(order => order.Host)];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await new GreenInspection(Azure, context.UpgradeId).RunAsync(cancellationToken);
        }
        catch (UpgradeException error)
        {
            return [Finding.Refuse(error.ErrorId, context.Service.Name, error.Message, error.RecommendedAction)];
        }
    }

    /// <inheritdoc/>
    public async Task MakeAsync(EngineContext context, CancellationToken cancellationToken)
    {
        await new GreenMachines(Azure, context.UpgradeId).MakeAsync(cancellationToken);
        Azure.TellBudget();
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(EngineContext context, CancellationToken cancellationToken)
    {
        await new MachineRemoval(Azure).RemoveAsync(context.UpgradeId, cancellationToken);
        Azure.TellBudget();
    }

    /// <inheritdoc/>
    public async Task RetireAsync(EngineContext context, CancellationToken cancellationToken)
    {
        await new MachineRetirement(Azure).RunAsync(context.UpgradeId, cancellationToken);
        Azure.TellBudget();
    }
}
