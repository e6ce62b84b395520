using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.Redis;
using StatefulDeploy.Engines.Redis.Relay;
using StatefulDeploy.Guard;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Hosts.Local;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Tests.Redis;

/// <summary>A blue of real servers, a green that the engine makes, and what the workflow would hand to the engine.</summary>
public sealed class RedisScene : IAsyncDisposable
{
    private static readonly string[] Programs = ["redis-8.0", "valkey-8.1", "redis-7.0"];

    private RedisScene(TestBed bed, IReadOnlyList<RedisServer> blue, string target)
    {
        Bed = bed;
        Blue = blue;
        Service = Describe(bed, blue, target);
        Secrets = new SecretStore(Service);
        Hosts = new LocalHosts();
    }

    public TestBed Bed { get; }

    public IReadOnlyList<RedisServer> Blue { get; }

    public ServiceDescription Service { get; set; }

    public ISecrets Secrets { get; }

    public IHostDirectory Hosts { get; }

    public ClusterLayout Green { get; set; } = null!;

    public RedisEngine Engine { get; } = RedisEngine.CreateRedis();

    public EngineContext Forward => Context(Service.Blue, Green);

    public EngineContext Backward => Context(Green, Service.Blue);

    public GateContext Gate => new(Service, "u1", 1, Secrets, Hosts["local"]);

    public Node BlueNode => Service.Blue.Writer;

    public Node GreenNode => Green.Writer;

    /// <summary>Starts blue (a primary, and replicas when asked) and plans green.</summary>
    public static async Task<RedisScene> StartAsync(TestBed bed, string from, string to, int replicas = 0, params string[] settings)
    {
        RedisServer primary = await bed.StartRedisAsync(from, settings);
        List<RedisServer> blue = [primary];
        for (int i = 0; i < replicas; i++)
        {
            blue.Add(await bed.StartReplicaAsync(primary, from, settings));
        }

        return await OfAsync(bed, blue, to);
    }

    /// <summary>Plans green for a blue that runs already.</summary>
    public static async Task<RedisScene> OfAsync(TestBed bed, IReadOnlyList<RedisServer> blue, string to)
    {
        RedisScene scene = bed.Own(new RedisScene(bed, blue, to));
        scene.Green = await scene.Engine.Preflight.PlanGreenAsync(scene.Service, scene.Service.Green.Version!, scene.Hosts, default);
        return scene;
    }

    /// <summary>Provisions green, starts replication and waits until the stream is followed.</summary>
    public async Task FollowAsync()
    {
        await Engine.Provisioner.ProvisionAsync(Forward, default);
        await Engine.Replicator.StartAsync(Forward, null, default);
        await StreamingAsync(Forward);
    }

    /// <summary>Waits until a direction streams without lag.</summary>
    public async Task StreamingAsync(EngineContext context)
    {
        await TestBed.WaitUntilAsync(
            async () => await Engine.Replicator.GetStatusAsync(context, default) is { State: ReplicationState.Streaming, LagBytes: 0 },
            "the target follows without lag", TimeSpan.FromSeconds(30));
    }

    /// <summary>The whole window: fence, position, drain, promote, open.</summary>
    public async Task<ClusterPosition> SwitchAsync(EngineContext context)
    {
        foreach (Node node in context.Source.Nodes)
        {
            await Engine.Gate.PrepareAsync(node, Gate, default);
        }

        await Engine.Switchover.PrepareAsync(context, default);
        await Task.WhenAll(context.Source.Nodes.Select(node => Engine.Gate.CloseAsync(node, Gate, default)));
        foreach (Node node in context.Source.Nodes)
        {
            Assert.Equal(GateState.Closed, await Engine.Gate.ProbeAsync(node, Gate, default));
        }

        await Engine.Switchover.EndOpenWritesAsync(context, default);
        ClusterPosition position = await Engine.Switchover.ReadPositionAsync(context, default);
        await Engine.Switchover.DrainAsync(context, position, default);
        await Engine.Switchover.FinalizeAsync(context, default);
        ClusterPosition reverse = await Engine.Switchover.PromoteAsync(context, default);
        await Task.WhenAll(context.Target.Nodes.Select(node => Engine.Gate.OpenAsync(node, Gate, default)));
        return reverse;
    }

    /// <summary>A connection to a node as an ordinary client.</summary>
    public static Task<TestClient> ClientAsync(Node node, string? user = null, string? password = null) => TestClient.ConnectAsync(node.Endpoint.Port, user, password);

    public async ValueTask DisposeAsync()
    {
        // A relay looks for its servers as long as it lives.
        string relay = Path.Combine(Service.GuardDirectory, "relay", Service.Name, "u1");
        if (await RelayProcess.FindAsync(relay, Hosts["local"], default) is { } process)
        {
            await Hosts["local"].StopAsync(process, TimeSpan.FromSeconds(5), default);
        }

        if (Green is not null)
        {
            await Engine.Provisioner.RemoveAsync(Forward, Green, default);
        }
    }

    private static ServiceDescription Describe(TestBed bed, IReadOnlyList<RedisServer> blue, string target) => new()
    {
        Name = "orders",
        Path = Path.Combine(bed.Folder, "orders.yaml"),
        Engine = "redis",
        Blue = new ClusterLayout(ClusterColour.Blue, VersionOf(blue[0].Installation.Name), [new Shard("s1", [.. blue.Select(NodeOf)])]),
        Green = new GreenDescription { Version = VersionOf(target), DataRoot = bed.NewFolder("green") },
        Software = Programs.Where(name => ServerCatalog.WhyMissing([name]) is null).ToDictionary(
            VersionOf, name => new SoftwareDescription(VersionOf(name), ServerCatalog.Get(name).Program, new Dictionary<string, string>()), StringComparer.Ordinal),
        Router = new RouterDescription("gateway", new NodeEndpoint("127.0.0.1", 1), "none", new Dictionary<string, string>()),
        StateDirectory = bed.NewFolder("state"),
        GuardDirectory = bed.NewFolder("guard"),
    };

    private static Node NodeOf(RedisServer server, int index) => new()
    {
        Name = $"blue-{index + 1}",
        Role = index == 0 ? NodeRole.Primary : NodeRole.Replica,
        Endpoint = new NodeEndpoint("127.0.0.1", server.Port),
        Version = VersionOf(server.Installation.Name),
        ConfigFile = server.ConfigurationFile,
        DataDirectory = server.Folder,
        Colour = ClusterColour.Blue,
    };

    private static string VersionOf(string server) => server.StartsWith("valkey", StringComparison.Ordinal) ? server : server["redis-".Length..];

    private EngineContext Context(ClusterLayout source, ClusterLayout target) => new()
    {
        Service = Service,
        Source = source,
        Target = target,
        UpgradeId = "u1",
        Hosts = Hosts,
        Secrets = Secrets,
        OwnProgram = new RelayProgram(),
        Reporter = new NoReporter(),
    };

    private sealed class RelayProgram : IOwnProgram
    {
        public HostCommand Command(params IReadOnlyList<string> arguments) =>
            new("dotnet", [Path.Combine(AppContext.BaseDirectory, "Worker.Host.dll"), .. arguments]);
    }

    private sealed class NoReporter : IReporter
    {
        public void Report(ReportEvent reportEvent)
        {
        }
    }
}
