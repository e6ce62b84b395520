using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.Redis;
using StatefulDeploy.Engines.Redis.Rehearsal;
using StatefulDeploy.Hosts.Local;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Tests.Redis;

/// <summary>The acts of the window between stand-ins: one that fails would only make the first window slower, and nobody would see it.</summary>
public sealed class RedisRehearsalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sd-rehearsal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_gate_plays_all_its_acts_and_leaves_no_file_behind()
    {
        ServiceDescription service = Service();
        await RedisEngine.CreateRedis().Gate.RehearseAsync(new GateContext(service, "u1", 1, new TestSecrets(), new LocalHosts()["local"]), default);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public async Task The_switchover_plays_all_its_acts()
    {
        ServiceDescription service = Service();
        EngineContext context = new()
        {
            Service = service,
            Source = service.Blue,
            Target = service.Blue with { Colour = ClusterColour.Green },
            UpgradeId = "u1",
            Hosts = new LocalHosts(),
            Secrets = new TestSecrets(),
            OwnProgram = null!,
            Reporter = null!,
        };
        await RedisRehearsal.PlayAsync(context, default);
    }

    private ServiceDescription Service() => new()
    {
        Name = "orders",
        Path = Path.Combine(_folder, "orders.yaml"),
        Engine = "redis",
        Blue = new ClusterLayout(ClusterColour.Blue, "7.0", [new Shard("main", [new Node { Name = "blue", Endpoint = new NodeEndpoint("127.0.0.1", 1), Version = "7.0" }])]),
        Router = new RouterDescription("none", new NodeEndpoint("127.0.0.1", 1), string.Empty, new Dictionary<string, string>()),
        TlsCaFile = Path.Combine(_folder, "ca.pem"),
        StateDirectory = _folder,
        GuardDirectory = _folder,
    };
}
