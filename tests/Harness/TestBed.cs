using StatefulDeploy.Harness.Fleet;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using Xunit.Abstractions;

namespace StatefulDeploy.Harness;

/// <summary>
/// Everything a test starts, in one folder: at its end all of it is ended, also if the test threw. What the servers said goes to
/// the test's output, which xunit shows for a test that failed.
/// </summary>
public sealed class TestBed : IAsyncDisposable
{
    private const int LogLines = 60;

    private readonly ITestOutputHelper? _output;
    private readonly List<IAsyncDisposable> _owned = [];
    private int _count;

    /// <param name="output">Where the servers' logs go.</param>
    public TestBed(ITestOutputHelper? output = null)
    {
        _output = output;
        Folder = Directory.CreateTempSubdirectory("sd.").FullName;
    }

    /// <summary>A folder of this test's own, gone at its end.</summary>
    public string Folder { get; }

    /// <summary>Starts a Redis or Valkey.</summary>
    /// <param name="server">Its name in the catalog.</param>
    /// <param name="settings">Lines of its configuration.</param>
    public Task<RedisServer> StartRedisAsync(string server = "redis-7.0", params string[] settings) =>
        StartAsync(new RedisServer(ServerCatalog.Get(server), NewFolder(server), FreePort.Take(), settings));

    /// <summary>Starts a Redis or Valkey as a replica, and waits until its link is up.</summary>
    /// <param name="primary">The primary it follows.</param>
    /// <param name="server">Its name in the catalog.</param>
    /// <param name="settings">Lines of its configuration.</param>
    public async Task<RedisServer> StartReplicaAsync(RespServer primary, string server = "redis-7.0", params string[] settings)
    {
        ArgumentNullException.ThrowIfNull(primary);
        var replica = await StartRedisAsync(server, [.. settings, $"replicaof 127.0.0.1 {primary.Port}"]);
        await WaitUntilAsync(async () => await replica.InfoAsync("master_link_status") == "up", $"{server} follows", TimeSpan.FromSeconds(20));
        return replica;
    }

    /// <summary>Starts a Garnet.</summary>
    /// <param name="server">Its name in the catalog.</param>
    /// <param name="arguments">Arguments besides those of every test.</param>
    public Task<GarnetServer> StartGarnetAsync(string server = "garnet-2.2.2", params string[] arguments) =>
        StartAsync(new GarnetServer(ServerCatalog.Get(server), NewFolder(server), FreePort.Take(), arguments));

    /// <summary>Starts a PostgreSQL with the client <c>app</c> and its database.</summary>
    /// <param name="server">Its name in the catalog.</param>
    /// <param name="settings">Lines of its configuration.</param>
    public async Task<PostgresServer> StartPostgresAsync(string server = "postgresql-15", params string[] settings)
    {
        var started = await StartAsync(new PostgresServer(ServerCatalog.Get(server), NewFolder(server), FreePort.Take(), settings));
        await started.CreateAppAsync();
        return started;
    }

    /// <summary>Starts a physical replica of a PostgreSQL, which streams from it.</summary>
    /// <param name="primary">Whom it follows.</param>
    public async Task<PostgresServer> StartPostgresStandbyAsync(PostgresServer primary)
    {
        ArgumentNullException.ThrowIfNull(primary);
        await File.AppendAllTextAsync(Path.Combine(primary.Data, "pg_hba.conf"), "host replication postgres 127.0.0.1/32 scram-sha-256\n");
        await primary.AskAsync("SELECT pg_reload_conf()");
        var standby = await StartAsync(new PostgresServer(primary, NewFolder("standby"), FreePort.Take()));
        await WaitUntilAsync(async () => await primary.AskAsync("SELECT count(*) > 0 FROM pg_stat_replication WHERE state = 'streaming'") == "True", "the replica streams", TimeSpan.FromSeconds(60));
        return standby;
    }

    /// <summary>Starts a PgBouncer.</summary>
    /// <param name="target">The port of the server behind it.</param>
    /// <param name="poolMode">How it pools.</param>
    /// <param name="asksServer">Whether it asks the server for its clients' passwords instead of having them in its file.</param>
    public Task<PgBouncerServer> StartPgBouncerAsync(int target, string poolMode = "transaction", bool asksServer = false) =>
        StartAsync(new PgBouncerServer(ServerCatalog.Get("pgbouncer"), NewFolder("pgbouncer"), FreePort.Take(), target, poolMode, asksServer));

    /// <summary>Starts an HAProxy.</summary>
    /// <param name="configuration">Makes its configuration for the port it is to listen on; see <see cref="HaProxyServer.Tcp"/>.</param>
    public Task<HaProxyServer> StartHaProxyAsync(Func<int, string> configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var port = FreePort.Take();
        return StartAsync(new HaProxyServer(ServerCatalog.Get("haproxy"), NewFolder("haproxy"), port, configuration(port)));
    }

    /// <summary>Starts an Azurite.</summary>
    public Task<AzuriteServer> StartAzuriteAsync() => StartAsync(new AzuriteServer(ServerCatalog.Get("azurite"), NewFolder("azurite"), FreePort.Take()));

    /// <summary>Starts machines, each with an address, processes, mounts and an sshd of its own. Needs <c>[ServerFact("fleet")]</c>.</summary>
    /// <param name="names">Their names, by which ssh and the machines know each other.</param>
    public Task<TestFleet> StartFleetAsync(params string[] names) => Own(new TestFleet(NewFolder("fleet"))).StartAsync(names);

    /// <summary>Makes a ledger and starts it.</summary>
    /// <param name="endpoint">The service as clients reach it.</param>
    /// <param name="options">How much load.</param>
    public async Task<Ledger> StartLedgerAsync(ILedgerEndpoint endpoint, LedgerOptions? options = null)
    {
        var ledger = Own(new Ledger(endpoint, options));
        await ledger.StartAsync();
        return ledger;
    }

    /// <summary>Starts one of our own programs as a real process.</summary>
    /// <param name="assembly">Its name, such as <c>statefuldeploy</c>.</param>
    /// <param name="arguments">Its arguments.</param>
    public TestProcess StartDotnet(string assembly, params string[] arguments) => StartDotnet(assembly, new ProcessOptions { WorkingDirectory = Folder }, arguments);

    /// <summary>Starts one of our own programs as a real process.</summary>
    /// <param name="assembly">Its name, such as <c>statefuldeploy</c>.</param>
    /// <param name="options">Environment and folder.</param>
    /// <param name="arguments">Its arguments.</param>
    public TestProcess StartDotnet(string assembly, ProcessOptions options, params string[] arguments) => Own(TestProcess.StartDotnet(assembly, arguments, options));

    /// <summary>Has something ended with the test, before what was owned earlier.</summary>
    /// <param name="thing">What.</param>
    public T Own<T>(T thing)
        where T : IAsyncDisposable
    {
        _owned.Add(thing);
        return thing;
    }

    /// <summary>Waits until something is true.</summary>
    /// <param name="condition">What is to become true.</param>
    /// <param name="what">The same in words.</param>
    /// <param name="within">How long to wait.</param>
    /// <exception cref="TimeoutException">It did not become true.</exception>
    public static async Task WaitUntilAsync(Func<Task<bool>> condition, string what, TimeSpan within)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var begun = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(begun) > within)
            {
                throw new TimeoutException($"Not within {within.TotalSeconds} s: {what}.");
            }

            await Task.Delay(10);
        }
    }

    /// <summary>A folder in the test's own.</summary>
    /// <param name="name">What it is for.</param>
    public string NewFolder(string name) => Directory.CreateDirectory(Path.Combine(Folder, FormattableString.Invariant($"{++_count}-{name}"))).FullName;

    /// <summary>Ends everything, the last started first.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var thing in Enumerable.Reverse(_owned))
        {
            await thing.DisposeAsync();
            Tell(thing);
        }

        Directory.Delete(Folder, recursive: true);
    }

    private async Task<T> StartAsync<T>(T server)
        where T : ServerProcess
    {
        await Own(server).StartAsync();
        return server;
    }

    private void Tell(IAsyncDisposable thing)
    {
        var (name, said) = thing switch
        {
            ServerProcess server => ($"{server.Installation.Name} on port {server.Port}", server.Log),
            TestProcess process => (process.Name, process.Output),
            TestFleet fleet => ("fleet", fleet.Log),
            Ledger ledger => ("ledger", string.Join('\n', [ledger.Totals().ToString(), .. ledger.Totals().Examples])),
            _ => (string.Empty, string.Empty),
        };
        if (name.Length > 0)
        {
            _output?.WriteLine($"--- {name}\n{string.Join('\n', said.Split('\n').TakeLast(LogLines))}");
        }
    }
}
