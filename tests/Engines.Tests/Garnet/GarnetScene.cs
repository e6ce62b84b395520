using System.Text.Json;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.Garnet;
using StatefulDeploy.Engines.Tests.Redis;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Hosts.Local;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Tests.Garnet;

/// <summary>A blue of real servers and a planned green, both made by the engine, and what the workflow would hand to it.</summary>
public sealed class GarnetScene : IAsyncDisposable
{
    private GarnetScene(TestBed bed, string from, string to, int replicas)
    {
        Bed = bed;
        string root = bed.NewFolder("blue");
        Service = new ServiceDescription
        {
            Name = "orders",
            Path = Path.Combine(bed.Folder, "orders.yaml"),
            Engine = "garnet",
            DataClass = DataClass.Standard with { HotReplicas = replicas },
            Blue = new ClusterLayout(ClusterColour.Blue, from, [new Shard("s1", [.. Enumerable.Range(0, replicas + 1).Select(number => NodeOf(root, from, number))])]),
            Green = new GreenDescription { Version = to, DataRoot = bed.NewFolder("green") },
            Software = new[] { "2.2.2", "2.2.8" }.ToDictionary(version => version, version => new SoftwareDescription(version, ServerCatalog.Get($"garnet-{version}").Program, new Dictionary<string, string>()), StringComparer.Ordinal),
            Router = new RouterDescription("gateway", new NodeEndpoint("127.0.0.1", 1), "none", new Dictionary<string, string>()),
            StateDirectory = bed.NewFolder("state"),
            GuardDirectory = bed.NewFolder("guard"),
        };
    }

    public TestBed Bed { get; }

    public ServiceDescription Service { get; set; }

    public ISecrets Secrets { get; } = new TestSecrets();

    public IHostDirectory Hosts { get; } = new LocalHosts();

    public ClusterLayout Green { get; private set; } = null!;

    public GarnetEngine Engine { get; } = new();

    public EngineContext Forward => Context(Service.Blue, Green);

    public EngineContext Backward => Context(Green, Service.Blue);

    public GateContext Gate => new(Service, "u1", 1, Secrets, Hosts["local"]);

    public Node BlueNode => Service.Blue.Writer;

    public Node GreenNode => Green.Writer;

    /// <summary>Brings blue up (a primary, and replicas when asked) and plans green.</summary>
    public static async Task<GarnetScene> StartAsync(TestBed bed, string from = "2.2.2", string to = "2.2.8", int replicas = 0)
    {
        GarnetScene scene = bed.Own(new GarnetScene(bed, from, to, replicas));
        await GarnetEngine.BringUpSourceAsync(scene.Context(scene.Service.Blue, new ClusterLayout(ClusterColour.Green, to, [])), default);
        scene.Green = await scene.Engine.Preflight.PlanGreenAsync(scene.Service, to, scene.Hosts, default);
        return scene;
    }

    /// <summary>Provisions green, starts replication and waits until the stream is followed.</summary>
    public async Task FollowAsync()
    {
        await Engine.Provisioner.ProvisionAsync(Forward, default);
        foreach (Node node in Green.Nodes)
        {
            await Engine.Gate.PrepareAsync(node, Gate, default);
            Assert.Equal(GateState.Closed, await Engine.Gate.ProbeAsync(node, Gate, default));
        }

        await Engine.Replicator.StartAsync(Forward, null, default);
        await StreamingAsync(Forward);
    }

    /// <summary>Waits until a direction streams with little lag.</summary>
    public async Task StreamingAsync(EngineContext context) => await TestBed.WaitUntilAsync(
        async () => await Engine.Replicator.GetStatusAsync(context, default) is { State: ReplicationState.Streaming, LagBytes: < 1 << 20 },
        "the target follows", TimeSpan.FromSeconds(60));

    /// <summary>Waits until target has applied what source has written by now.</summary>
    public async Task CatchUpAsync(EngineContext context) => await TestBed.WaitUntilAsync(
        async () => await Engine.Replicator.GetStatusAsync(context, default) is { State: ReplicationState.Streaming, LagBytes: 0 },
        "the target has no lag", TimeSpan.FromSeconds(30));

    /// <summary>The window up to the promotion; target stays closed.</summary>
    public async Task<WindowTimes> PromoteAsync(EngineContext context)
    {
        await Engine.Switchover.RehearseAsync(context, default);
        await Engine.Switchover.PrepareAsync(context, default);
        foreach (Node node in context.Source.Nodes)
        {
            await Engine.Gate.PrepareAsync(node, Gate, default);
        }

        WindowTimes times = new();
        await Task.WhenAll(context.Source.Nodes.Select(node => Engine.Gate.CloseAsync(node, Gate, default)));
        times.Mark("close");
        await Engine.Switchover.EndOpenWritesAsync(context, default);
        times.Mark("end");
        foreach (Node node in context.Source.Nodes)
        {
            Assert.Equal(GateState.Closed, await Engine.Gate.ProbeAsync(node, Gate, default));
        }

        times.Mark("probe");
        ClusterPosition position = await Engine.Switchover.ReadPositionAsync(context, default);
        times.Mark("position");
        await Engine.Switchover.DrainAsync(context, position, default);
        times.Mark("drain");
        await Engine.Switchover.FinalizeAsync(context, default);
        times.Reverse = await Engine.Switchover.PromoteAsync(context, default);
        times.Mark("promote");
        return times;
    }

    /// <summary>The whole window: fence, position, drain, promote, open.</summary>
    public async Task<WindowTimes> SwitchAsync(EngineContext context)
    {
        WindowTimes times = await PromoteAsync(context);
        await Task.WhenAll(context.Target.Nodes.Select(node => Engine.Gate.OpenAsync(node, Gate, default)));
        times.Mark("open");
        return times;
    }

    /// <summary>Kills a node's server without a warning and starts it again from the files it left.</summary>
    public async Task RestartAsync(Node node)
    {
        await KillAsync(node);
        ProcessIdentity process = await Hosts["local"].StartDetachedAsync(
            new HostCommand(Service.Software[node.Version].Server!, "--config-import-path", Path.Combine(node.DataDirectory!, "garnet.conf")) { WorkingFolder = node.DataDirectory },
            Path.Combine(node.DataDirectory!, "server.log"), default);
        await File.WriteAllTextAsync(Path.Combine(node.DataDirectory!, "process.json"), JsonSerializer.Serialize(process));
        await TestBed.WaitUntilAsync(async () => !await Hosts["local"].IsPortFreeAsync("127.0.0.1", node.Endpoint.Port, default), $"{node} is up again", TimeSpan.FromSeconds(30));
    }

    /// <summary>Kills a node's server without a warning.</summary>
    public async Task KillAsync(Node node)
    {
        ProcessIdentity process = JsonSerializer.Deserialize<ProcessIdentity>(await File.ReadAllTextAsync(Path.Combine(node.DataDirectory!, "process.json")))!;
        await Hosts["local"].StopAsync(process, TimeSpan.Zero, default);
        await TestBed.WaitUntilAsync(() => Hosts["local"].IsPortFreeAsync("127.0.0.1", node.Endpoint.Port, default), $"{node} is gone", TimeSpan.FromSeconds(10));
    }

    /// <summary>A connection to a node as an ordinary client.</summary>
    public static Task<TestClient> ClientAsync(Node node, string? user = null, string? password = null) => TestClient.ConnectAsync(node.Endpoint.Port, user, password);

    public async ValueTask DisposeAsync()
    {
        if (Green is not null)
        {
            await Engine.Provisioner.RemoveAsync(Forward, Green, default);
        }

        await Engine.Provisioner.RemoveAsync(Forward, Service.Blue, default);
    }

    public EngineContext Context(ClusterLayout source, ClusterLayout target) => new()
    {
        Service = Service,
        Source = source,
        Target = target,
        UpgradeId = "u1",
        Hosts = Hosts,
        Secrets = Secrets,
        OwnProgram = new NoProgram(),
        Reporter = new NoReporter(),
    };

    private static Node NodeOf(string root, string version, int number) => new()
    {
        Name = $"n{number}",
        Role = number == 0 ? NodeRole.Primary : NodeRole.Replica,
        Endpoint = new NodeEndpoint("127.0.0.1", FreePort.Take()),
        Version = version,
        DataDirectory = Path.Combine(root, $"n{number}"),
        Colour = ClusterColour.Blue,
    };

    private sealed class NoProgram : IOwnProgram
    {
        public HostCommand Command(params IReadOnlyList<string> arguments) => throw new NotSupportedException();
    }

    private sealed class NoReporter : IReporter
    {
        public void Report(ReportEvent reportEvent)
        {
        }
    }
}
