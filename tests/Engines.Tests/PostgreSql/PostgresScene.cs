using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.PostgreSql;
using StatefulDeploy.Guard;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Hosts.Local;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Tests.PostgreSql;

/// <summary>A blue of a real server, a green that the engine makes, and what the workflow would hand to the engine.</summary>
public sealed class PostgresScene : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private PostgresScene(TestBed bed, PostgresServer blue)
    {
        Bed = bed;
        Blue = blue;
        Service = Describe(bed, blue);
        Secrets = new SecretStore(Service);
    }

    public TestBed Bed { get; }

    public PostgresServer Blue { get; }

    public ServiceDescription Service { get; set; }

    public ISecrets Secrets { get; }

    public IHostDirectory Hosts { get; } = new LocalHosts();

    public ClusterLayout Green { get; set; } = null!;

    public PostgreSqlEngine Engine { get; } = new();

    public EngineContext Forward => Context(Service.Blue, Green);

    public EngineContext Backward => Context(Green, Service.Blue);

    public GateContext Gate => new(Service, "u1", 1, Secrets, Hosts["local"]);

    public Node BlueNode => Service.Blue.Writer;

    public Node GreenNode => Green.Writer;

    public static async Task<PostgresScene> StartAsync(TestBed bed, params string[] settings)
    {
        PostgresScene scene = bed.Own(new PostgresScene(bed, await bed.StartPostgresAsync("postgresql-15", settings)));
        scene.Green = await scene.Engine.Preflight.PlanGreenAsync(scene.Service, "17", scene.Hosts, default);
        return scene;
    }

    /// <summary>What preflight finds, without the size of this machine, which is not the tests' affair.</summary>
    public async Task<IReadOnlyList<Finding>> FindingsAsync() =>
        [.. (await Engine.Preflight.InspectAsync(Forward, default)).Where(finding => finding.Code is not ("DiskForSlots" or "InitialCopy"))];

    public async Task<IReadOnlyList<Finding>> RefusalsAsync() =>
        [.. (await Engine.Preflight.InspectAsync(Forward, default)).Where(finding => finding.Severity == FindingSeverity.Refuse)];

    public async Task FollowAsync()
    {
        await Engine.Provisioner.ProvisionAsync(Forward, default);
        await Engine.Replicator.StartAsync(Forward, null, default);
        await StreamingAsync(Forward);
    }

    public async Task StreamingAsync(EngineContext context, TimeSpan? within = null)
    {
        ReplicationStatus status = new();
        try
        {
            await TestBed.WaitUntilAsync(async () => (status = await Engine.Replicator.GetStatusAsync(context, default)) is { State: ReplicationState.Streaming, LagBytes: < 1 << 20 }, "the target follows", within ?? Patience);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message} {status}", exception);
        }
    }

    /// <summary>The whole window: fence, position, drain, finalize, promote, open.</summary>
    public async Task<ClusterPosition> SwitchAsync(EngineContext context)
    {
        await Engine.Switchover.RehearseAsync(context, default);
        await Engine.Switchover.PrepareAsync(context, default);
        await Engine.Gate.PrepareAsync(context.Source.Writer, Gate, default);
        await Engine.Gate.CloseAsync(context.Source.Writer, Gate, default);
        Assert.Equal(GateState.Closed, await Engine.Gate.ProbeAsync(context.Source.Writer, Gate, default));
        await Engine.Switchover.EndOpenWritesAsync(context, default);
        ClusterPosition position = await Engine.Switchover.ReadPositionAsync(context, default);
        await Engine.Switchover.DrainAsync(context, position, default);
        await Engine.Switchover.FinalizeAsync(context, default);
        ClusterPosition reverse = await Engine.Switchover.PromoteAsync(context, default);
        await Engine.Gate.OpenAsync(context.Target.Writer, Gate, default);
        Assert.Equal(GateState.Open, await Engine.Gate.ProbeAsync(context.Target.Writer, Gate, default));
        return reverse;
    }

    public static Task<NpgsqlConnection> ClientAsync(Node node, string database = "app", string user = "app") => PostgresServer.OpenAsync(node.Endpoint.Port, database, user);

    public static async Task<object?> AskAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public static async Task<object?> AskAsync(Node node, string sql, string database = "app", string user = "postgres")
    {
        await using NpgsqlConnection connection = await ClientAsync(node, database, user);
        return await AskAsync(connection, sql);
    }

    /// <summary>A setting of green, which lets only our role in.</summary>
    public static async Task<object?> SettingAsync(PostgresScene scene, string name)
    {
        await using NpgsqlConnection control = await scene.ControlAsync(scene.GreenNode, "postgres");
        return await AskAsync(control, $"SHOW {name}");
    }

    public Task<NpgsqlConnection> ControlAsync(Node node, string database) => new PostgresAccess(Service, Secrets).ConnectAsync(node, PostgresAccount.Control, "test", default, database);

    public async ValueTask DisposeAsync()
    {
        if (Green is not null)
        {
            try
            {
                await Engine.Provisioner.RemoveAsync(Forward, Green, default);
            }
            catch (UpgradeException exception) when (exception.Category == FailureCategory.Unreachable)
            {
                // Green is gone; blue was ended by the test.
            }
        }
    }

    private static ServiceDescription Describe(TestBed bed, PostgresServer blue)
    {
        string admin = Path.Combine(bed.NewFolder("secrets"), "admin");
        string client = Path.Combine(Path.GetDirectoryName(admin)!, "client");
        File.WriteAllText(admin, PostgresServer.AdminPassword);
        File.WriteAllText(client, PostgresServer.ClientPassword);
        return new ServiceDescription
        {
            Name = "orders",
            Path = Path.Combine(bed.Folder, "orders.yaml"),
            Engine = "postgresql",
            Blue = new ClusterLayout(ClusterColour.Blue, "15", [new Shard("main", [new Node { Name = "blue-1", Endpoint = new NodeEndpoint("127.0.0.1", blue.Port), Version = "15", DataDirectory = blue.Data, Colour = ClusterColour.Blue }])]),
            Green = new GreenDescription { Version = "17", DataRoot = Directory.CreateDirectory(Path.Combine(blue.Folder, "green")).FullName },
            Software = new[] { "15", "17" }.ToDictionary(version => version, version => new SoftwareDescription(version, ServerCatalog.Get("postgresql-" + version).Program, new Dictionary<string, string>()), StringComparer.Ordinal),
            Router = new RouterDescription("pgbouncer", new NodeEndpoint("127.0.0.1", 1), "127.0.0.1:1", new Dictionary<string, string>()),
            Admin = new CredentialDescription("postgres", admin, null),
            Client = new CredentialDescription("app", client, null),
            Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["database"] = "app" },
            Limits = new UpgradeLimits { TransactionGrace = TimeSpan.FromMilliseconds(500) },
            StateDirectory = bed.NewFolder("state"),
            GuardDirectory = bed.NewFolder("guard"),
        };
    }

    private EngineContext Context(ClusterLayout source, ClusterLayout target) => new()
    {
        Service = Service,
        Source = source,
        Target = target,
        UpgradeId = "u1",
        Hosts = Hosts,
        Secrets = Secrets,
        OwnProgram = new WorkerProgram(),
        Reporter = new NoReporter(),
    };

    private sealed class WorkerProgram : IOwnProgram
    {
        public HostCommand Command(params IReadOnlyList<string> arguments) => new("dotnet", [Path.Combine(AppContext.BaseDirectory, "Worker.Host.dll"), .. arguments]);
    }

    private sealed class NoReporter : IReporter
    {
        public void Report(ReportEvent reportEvent)
        {
        }
    }
}
