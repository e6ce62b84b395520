using System.Text.Json.Nodes;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;
using StatefulDeploy.Routers.Gateway;

namespace StatefulDeploy.Gateway.Tests;

/// <summary>A gateway in a process of its own, with its admin.</summary>
internal sealed class GatewayUnderTest : IAsyncDisposable
{
    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(20);

    private readonly TestBed _bed;
    private readonly string _state;
    private readonly string _listen;
    private readonly string _target;
    private readonly string? _password;

    // A hold takes its time, and its connection with it: what happens meanwhile is seen on another one.
    private readonly GatewayAdminClient _watcher;

    private GatewayUnderTest(TestBed bed, RespServer target)
    {
        _bed = bed;
        _state = Path.Combine(bed.NewFolder("gateway"), "state");
        Port = FreePort.Take();
        _listen = $"127.0.0.1:{Port}";
        _target = Of(target);
        _password = target.Password;
        Admin = new GatewayAdminClient(Path.Combine(_state, "admin.sock"));
        _watcher = new GatewayAdminClient(Path.Combine(_state, "admin.sock"));
    }

    public int Port { get; }

    public string StateFolder => _state;

    public GatewayAdminClient Admin { get; }

    public TestProcess Process { get; private set; } = null!;

    public static async Task<GatewayUnderTest> StartAsync(TestBed bed, RespServer target)
    {
        var gateway = bed.Own(new GatewayUnderTest(bed, target));
        await gateway.StartAsync();
        return gateway;
    }

    public static string Of(RespServer server) => new NodeEndpoint("127.0.0.1", server.Port).ToString();

    /// <summary>Starts it, or starts it again on the state it left.</summary>
    public async Task StartAsync()
    {
        var environment = new Dictionary<string, string?> { ["CONTROL_PASSWORD"] = _password };
        Process = _bed.StartDotnet("Gateway.Host", new ProcessOptions { Environment = environment }, _listen, _target, _state);
        await Process.WaitForLineAsync("\"ready\":true", StartsWithin);
    }

    public Task<RespConnection> ConnectAsync(int protocol = 2) => RespConnection.ConnectAsync(
        new RespConnectionOptions { Host = "127.0.0.1", Port = Port, Protocol = protocol, CommandTimeout = TimeSpan.FromSeconds(60), ConnectTimeout = AnswersWithin },
        CancellationToken.None);

    public Task<JsonObject> StatusAsync() => _watcher.SendAsync("status", [], AnswersWithin, CancellationToken.None);

    public async Task<long> CounterAsync(string name) => (await StatusAsync())["counters"]![name]!.GetValue<long>();

    public Task<JsonObject> PrepareAsync(long epoch, RespServer target) =>
        Admin.SendAsync("prepare", new JsonObject { ["epoch"] = epoch, ["target"] = Of(target) }, AnswersWithin, CancellationToken.None);

    public Task<JsonObject> HoldAsync(long epoch, long deadlineMs = 60_000, long requestLimitMs = 60_000, long maxBytes = 64 << 20, long drainMs = 5_000, long transactionGraceMs = 10) =>
        Admin.SendAsync(
            "hold",
            new JsonObject
            {
                ["epoch"] = epoch,
                ["deadlineMs"] = deadlineMs,
                ["requestLimitMs"] = requestLimitMs,
                ["maxBytes"] = maxBytes,
                ["drainMs"] = drainMs,
                ["transactionGraceMs"] = transactionGraceMs,
            },
            AnswersWithin,
            CancellationToken.None);

    public Task<JsonObject> ReadsAsync(long epoch, RespServer target) =>
        Admin.SendAsync("reads", new JsonObject { ["epoch"] = epoch, ["target"] = Of(target) }, AnswersWithin, CancellationToken.None);

    public Task<JsonObject> SwitchAsync(long epoch, RespServer target) =>
        Admin.SendAsync("switch", new JsonObject { ["epoch"] = epoch, ["target"] = Of(target) }, AnswersWithin, CancellationToken.None);

    public Task<JsonObject> ReleaseAsync(long epoch) =>
        Admin.SendAsync("release", new JsonObject { ["epoch"] = epoch }, AnswersWithin, CancellationToken.None);

    /// <summary>Waits until so many requests are held.</summary>
    public Task WaitHeldAsync(long count) =>
        TestBed.WaitUntilAsync(async () => (await StatusAsync())["heldRequests"]!.GetValue<long>() == count, $"{count} requests are held", AnswersWithin);

    public async ValueTask DisposeAsync()
    {
        await Admin.DisposeAsync();
        await _watcher.DisposeAsync();
    }
}
