using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Disks;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Tests.Stage;

/// <summary>A test of the product on a simulator: a service with the hosts <c>blue</c> and <c>green</c>, which are machines of those names.</summary>
public abstract class ServiceTest : SimulatorTest, IReporter, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("azure-").FullName;
    private readonly List<ReportEvent> _told = [];

    internal static ArmPace Quick { get; } = new()
    {
        FirstPoll = TimeSpan.FromMilliseconds(10),
        LongestPoll = TimeSpan.FromMilliseconds(100),
        FirstRetry = TimeSpan.FromMilliseconds(10),
        LongestSparing = TimeSpan.FromMilliseconds(100),
    };

    /// <summary>What was told.</summary>
    protected IReadOnlyList<string> Told
    {
        get
        {
            lock (_told)
            {
                return [.. _told.Select(one => one.Message)];
            }
        }
    }

    public void Report(ReportEvent reportEvent)
    {
        lock (_told)
        {
            _told.Add(reportEvent);
        }
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    internal static VolumeDescription Volume(string disk, int? slot = null) => new()
    {
        Name = disk,
        Node = $"node-{disk}",
        Uuid = GuestHost.UuidOf(disk),
        FileSystem = "xfs",
        MountPoint = $"/srv/{disk}",
        Provider = AzureVolumeProvider.KindName,
        Disk = disk,
        Slot = slot,
    };

    internal ServiceDescription Service(params VolumeDescription[] volumes) => new()
    {
        Name = "orders",
        Path = Path.Combine(_folder, "orders.yaml"),
        Engine = "redis",
        Blue = Cluster(ClusterColour.Blue, "blue", "10.1.0.4"),
        Green = new GreenDescription { Shards = Cluster(ClusterColour.Green, "green", "10.1.0.5").Shards },
        Hosts = new[] { "blue", "green" }.ToDictionary(name => name, name => new HostDescription { Name = name, Ssh = name }, StringComparer.Ordinal),
        Router = new RouterDescription("gateway", NodeEndpoint.Parse("127.0.0.1:6379"), string.Empty, new Dictionary<string, string>(StringComparer.Ordinal)),
        Volumes = volumes,
        StateDirectory = Path.Combine(_folder, "state"),
        GuardDirectory = Path.Combine(_folder, "guard"),
        Azure = Described(),
    };

    internal AzureDescription Described(string version = "2024-03-01")
    {
        var authority = Path.Combine(_folder, "authority.pem");
        File.WriteAllText(authority, Simulator.AuthorityPem);
        var address = Simulator.Endpoint.ToString().TrimEnd('/');
        return new AzureDescription
        {
            Environment = "simulated",
            Endpoint = address,
            Authority = address,
            Audience = address,
            CaFile = authority,
            ComputeApiVersion = version,
            Subscription = AzureSimulator.Subscription,
            ResourceGroup = "service",
        };
    }

    internal AzureService Open(ServiceDescription service, ArmPace? pace = null) => new(
        service,
        this,
        new ArmClient(AzureEnvironment.Of(service.Azure!), new SimulatorCredential(Simulator), pace ?? Quick, TimeProvider.System, TrustedAuthority.TransportFor(service.Azure!.CaFile)));

    internal AzureVolumeProvider Provider(ServiceDescription service, bool force = false, ArmPace? pace = null) => new(() => Open(service, pace), new VolumeConsent(force));

    internal GuestHost Host(string machine) => new(Azure, machine);

    internal EngineContext Context(ServiceDescription service) => new()
    {
        Service = service,
        Source = service.Blue,
        Target = new ClusterLayout(ClusterColour.Green, "8.0", service.Green.Shards),
        UpgradeId = "orders-1",
        Hosts = new Guests(this),
        Secrets = null!,
        OwnProgram = null!,
        Reporter = this,
    };

    private sealed class Guests(ServiceTest test) : IHostDirectory
    {
        public IHost this[string name] => test.Host(name);
    }

    /// <summary>The requests that changed something, by what they are in the published API.</summary>
    protected IReadOnlyList<string> Changes() => [.. Simulator.Requests.Where(request => request.Method != "GET").Select(request => request.Operation)];

    private static ClusterLayout Cluster(ClusterColour colour, string host, string address) => new(colour, "7.0",
        [new Shard("main", [new Node { Name = host, Endpoint = new NodeEndpoint(address, 6379), Role = NodeRole.Primary, Host = host, Version = "7.0", Colour = colour }])]);
}
