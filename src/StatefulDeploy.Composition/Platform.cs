using StatefulDeploy.Azure;
using StatefulDeploy.Azure.Disks;
using StatefulDeploy.Azure.Dns;
using StatefulDeploy.Azure.Journal;
using StatefulDeploy.Azure.LoadBalancing;
using StatefulDeploy.Azure.Machines;
using StatefulDeploy.Composition.Configuration;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.Garnet;
using StatefulDeploy.Engines.PostgreSql;
using StatefulDeploy.Engines.Redis;
using StatefulDeploy.Guard;
using StatefulDeploy.Hosts;
using StatefulDeploy.Hosts.Local;
using StatefulDeploy.Hosts.Volumes;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;
using StatefulDeploy.Routers.Gateway;
using StatefulDeploy.Routers.HaProxy;
using StatefulDeploy.Routers.PgBouncer;

namespace StatefulDeploy.Composition;

/// <summary>Puts the product together: engines, hosts, routers and the service file. The one place that knows them all.</summary>
public sealed class Platform : IPlatform
{
    private static readonly Dictionary<string, Func<ServiceDescription, IRouter>> Routers = new(StringComparer.Ordinal)
    {
        ["gateway"] = service => new GatewayRouter(service.Router),
        [AzureLoadBalancerRouter.KindName] = service => new AzureLoadBalancerRouter(service),
        [AzurePrivateDnsRouter.KindName] = service => new AzurePrivateDnsRouter(service),
        [HaProxyRouter.Kind] = service => HaProxyRouter.Create(service, new ServiceHosts(service)),
        [PgBouncerRouter.Kind] = service => PgBouncerRouter.Create(service, new ServiceHosts(service)),
    };

    private static readonly IReadOnlyList<string> VolumeKinds = ["device", "image", "command", AzureVolumeProvider.KindName];

    private readonly ServiceReader _reader;

    private Platform()
    {
        Engines = [new GarnetEngine(), new PostgreSqlEngine(), RedisEngine.CreateRedis(), RedisEngine.CreateValkey()];
        OwnProgram = new OwnProgram();
        Azure = new AzureOperations(ReadService);
        _reader = new ServiceReader([.. Engines.Select(engine => engine.Name)], [.. Routers.Keys], VolumeKinds);
    }

    /// <inheritdoc/>
    public IReadOnlyList<IEngine> Engines { get; }

    /// <inheritdoc/>
    public IOwnProgram OwnProgram { get; }

    /// <summary>The platform of this process.</summary>
    public static IPlatform Create() => new Platform();

    /// <inheritdoc/>
    public IPlatform ForAnother() => new Platform();

    /// <inheritdoc/>
    public ServiceDescription ReadService(string path) => _reader.Read(path);

    /// <inheritdoc/>
    public IReadOnlyList<string> FindStateFolders() => Directory.Exists(ServicePaths.StateRoot) ? Directory.GetDirectories(ServicePaths.StateRoot) : [];

    /// <inheritdoc/>
    public IJournalStore OpenJournals(ServiceDescription? service, string? place, TimeProvider clock)
    {
        var folder = service?.StateDirectory ?? ServicePaths.StateRoot;
        var shared = service?.SharedJournal;
        if (place is not null)
            shared = JournalPlace.IsAddress(place) ? new SharedJournalDescription(place, shared?.AccountKey, shared?.Signature) : null;

        return shared is null
            ? new JournalFolder(place ?? folder, clock)
            : AzureJournals.Open(shared, folder, service is null ? null : CreateSecrets(service), service?.Azure, clock);
    }

    /// <inheritdoc/>
    public IHostDirectory CreateHosts(ServiceDescription service) => new ServiceHosts(service);

    /// <inheritdoc/>
    public ISecrets CreateSecrets(ServiceDescription service) => new SecretStore(service);

    /// <inheritdoc/>
    public IReadOnlyList<IVolumeProvider> CreateVolumeProviders(ServiceDescription service, VolumeConsent consent, IReporter reporter) =>
        [new VisibleDeviceProvider(), new ImageFileProvider(), new CommandProvider(new LocalHost()), new AzureVolumeProvider(service, consent, reporter)];

    /// <inheritdoc/>
    public IAzureOperations Azure { get; }

    /// <inheritdoc/>
    public IMachineProvider? CreateMachineProvider(ServiceDescription service, IReporter reporter) =>
        service.Azure?.Green is null ? null : new AzureMachineProvider(service, reporter);

    /// <inheritdoc/>
    public IRouter CreateRouter(ServiceDescription service) => service.Parts.Count == 0
        ? Routers[service.Router.Kind](service)
        : throw new ArgumentException("Each shard of this service has a router of its own.", nameof(service));
}
