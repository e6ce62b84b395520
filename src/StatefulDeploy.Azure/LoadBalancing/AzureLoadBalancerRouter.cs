using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Routing;
using StatefulDeploy.Contracts;
using StatefulDeploy.Guard;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.LoadBalancing;

/// <summary>
/// An Azure Load Balancer with the writer in a backend pool of its own. It cannot hold requests: between fence and switch a writer gets the
/// engine's read-only error, and the pool is changed while writes are closed, so that no read goes to blue once green is open.
/// </summary>
public sealed class AzureLoadBalancerRouter : IRouter
{
    /// <summary>The kind, as the service file names it.</summary>
    public const string KindName = "azure-load-balancer";

    private static readonly string[] Settings = ["loadBalancer", "pool"];

    private readonly ServiceDescription _service;
    private readonly Lazy<AzureService> _azure;
    private readonly Lazy<BackendPool> _pool;
    private readonly RouterStateFile _state;

    /// <summary>The router of a service; nobody is signed in before the first call.</summary>
    /// <param name="service">The service, with its section <c>azure</c>; the settings of its router name <c>loadBalancer</c> and <c>pool</c>.</param>
    public AzureLoadBalancerRouter(ServiceDescription service)
        : this(service, () => new AzureService(service, RouterReporter.Instance))
    {
    }

    internal AzureLoadBalancerRouter(ServiceDescription service, Func<AzureService> azure)
    {
        ArgumentNullException.ThrowIfNull(service);
        _service = service;
        _azure = new(azure);
        _pool = new(() => new BackendPool(_azure.Value, _azure.Value.Resolve(ResourceTypes.Balancer, Setting("loadBalancer")), Setting("pool")));
        _state = new RouterStateFile(service.GuardDirectory, KindName);
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    /// <inheritdoc/>
    public RouterPromise Promise { get; } = new(
        KeepsConnections: false,
        ReadsGoOn: false,
        HoldsWrites: false,
        ExpectedGap: TimeSpan.FromSeconds(30),
        "An Azure Load Balancer holds nothing: writes get the engine's read-only error from the fence on, until its pool was changed and its probe has found green. "
        + "What becomes of the flows of a member that was removed, and when, is not documented and not promised: connections to blue are ended at the engine, and clients connect anew.");

    /// <inheritdoc/>
    public async Task<RouterStatus> GetStatusAsync(CancellationToken cancellationToken)
    {
        var members = string.Join(", ", (await _pool.Value.ReadAsync(cancellationToken)).Members.Select(member => member.Address));
        var note = await _state.ReadAsync(cancellationToken);
        return new RouterStatus(members, members, note.Holding, note.Epoch, 0, 0);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, CancellationToken cancellationToken)
    {
        var subject = $"router {KindName}";
        if (_service.Router.Settings.Keys.FirstOrDefault(name => !Settings.Contains(name, StringComparer.Ordinal)) is { } unknown)
            return [Finding.Refuse("UnknownKey", subject, $"An Azure Load Balancer has no setting '{unknown}'.", $"Use: {string.Join(", ", Settings)}.")];

        try
        {
            return await PoolInspection.InspectAsync(context, _pool.Value, subject, cancellationToken);
        }
        catch (UpgradeException exception)
        {
            return [Finding.Refuse(exception.ErrorId, subject, exception.Message, exception.RecommendedAction)];
        }
    }

    /// <inheritdoc/>
    public async Task PrepareAsync(RouterTargets target, long epoch, CancellationToken cancellationToken)
    {
        // Signed in, and everything found that the change needs.
        await _pool.Value.ReadAsync(cancellationToken);
        await _pool.Value.FindMemberAsync(OneWriter.Of(target), cancellationToken);
    }

    /// <inheritdoc/>
    public Task HoldAsync(HoldLimits limits, long epoch, CancellationToken cancellationToken) => _state.NoteAsync(epoch, holding: true, cancellationToken);

    /// <inheritdoc/>
    public async Task RouteReadsAsync(RouterTargets target, long epoch, CancellationToken cancellationToken)
    {
        await _state.NoteAsync(epoch, holding: true, cancellationToken);
        await PointAsync(target, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task SwitchAsync(RouterTargets target, long epoch, CancellationToken cancellationToken)
    {
        await _state.NoteAsync(epoch, holding: false, cancellationToken);
        await PointAsync(target, cancellationToken);
    }

    /// <inheritdoc/>
    public Task ReleaseAsync(RouterTargets target, long epoch, CancellationToken cancellationToken) => SwitchAsync(target, epoch, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task PointAsync(RouterTargets target, CancellationToken cancellationToken) =>
        await _pool.Value.PointAsync(OneWriter.Of(target), Endpoints(), cancellationToken);

    // The nodes of the service: only they are ever taken out of the pool.
    private IReadOnlyList<NodeEndpoint> Endpoints() =>
        [.. _service.Blue.Nodes.Concat(_service.Green.Shards.SelectMany(shard => shard.Nodes)).Select(node => node.Endpoint)];

    private string Setting(string name) => _service.Router.Settings.GetValueOrDefault(name)
        ?? throw new UpgradeException("MissingKey", $"{_service.Path}: router.settings.{name} is missing.", $"Name the {(name == "pool" ? "backend pool" : "load balancer")} under router.settings.{name}.", FailureCategory.InvalidInput) { Target = $"router.settings.{name}" };
}
