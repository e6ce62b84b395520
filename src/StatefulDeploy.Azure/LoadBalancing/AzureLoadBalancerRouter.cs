using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Routing;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.LoadBalancing;

/// <summary>An Azure Load Balancer with the writer in a backend pool of its own.</summary>
public sealed class AzureLoadBalancerRouter : AzureRouter
{
    /// <summary>The kind, as the service file names it.</summary>
    public const string KindName = "azure-load-balancer";

    private static readonly Dictionary<string, string> Known = new(StringComparer.Ordinal) { ["loadBalancer"] = "load balancer", ["pool"] = "backend pool" };

    private readonly Lazy<BackendPool> _pool;

    /// <summary>The router of a service; nobody is signed in before the first call.</summary>
    /// <param name="service">The service, with its section <c>azure</c>; the settings of its router name <c>loadBalancer</c> and <c>pool</c>.</param>
    public AzureLoadBalancerRouter(ServiceDescription service)
        : this(service, () => new AzureService(service, RouterReporter.Instance))
    {
    }

    internal AzureLoadBalancerRouter(ServiceDescription service, Func<AzureService> azure)
        : base(service, KindName, azure) =>
        _pool = new(() => new BackendPool(Azure, Azure.Resolve(ResourceTypes.Balancer, Setting("loadBalancer")), Setting("pool")));

    /// <inheritdoc/>
    public override RouterPromise Promise { get; } = new(
        KeepsConnections: false,
        ReadsGoOn: false,
        HoldsWrites: false,
        ExpectedGap: TimeSpan.FromSeconds(30),
        "An Azure Load Balancer holds nothing: writes get the engine's read-only error from the fence on, until its pool was changed and its probe has found green. "
        + "What becomes of the flows of a member that was removed, and when, is not documented and not promised: connections to blue are ended at the engine, and clients connect anew.");

    private protected override string Name => "An Azure Load Balancer";

    private protected override IReadOnlyDictionary<string, string> Settings => Known;

    /// <inheritdoc/>
    public override async Task PrepareAsync(RouterTargets target, long epoch, CancellationToken cancellationToken)
    {
        // Signed in, and everything found that the change needs.
        await _pool.Value.ReadAsync(cancellationToken);
        await _pool.Value.FindMemberAsync(OneWriter.Of(target), cancellationToken);
    }

    private protected override async Task<IReadOnlyList<string>> AddressesAsync(CancellationToken cancellationToken) =>
        [.. (await _pool.Value.ReadAsync(cancellationToken)).Members.Select(member => member.Address)];

    private protected override Task<IReadOnlyList<Finding>> InspectAsync(EngineContext context, string subject, CancellationToken cancellationToken) =>
        PoolInspection.InspectAsync(context, _pool.Value, subject, cancellationToken);

    private protected override Task PointAsync(NodeEndpoint writer, CancellationToken cancellationToken) => _pool.Value.PointAsync(writer, Endpoints(), cancellationToken);

    // The nodes of the service: only they are ever taken out of the pool.
    private IReadOnlyList<NodeEndpoint> Endpoints() =>
        [.. Service.Blue.Nodes.Concat(Service.Green.Shards.SelectMany(shard => shard.Nodes)).Select(node => node.Endpoint)];
}
