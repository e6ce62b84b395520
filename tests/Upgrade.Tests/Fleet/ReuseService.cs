using System.Globalization;
using System.Net;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Disks;
using StatefulDeploy.Harness.Fleet;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load.Redis;
using StatefulDeploy.Upgrade.Tests.Stage;

namespace StatefulDeploy.Upgrade.Tests.Fleet;

/// <summary>A Redis 7.0 with two replicas on three machines, each with its data on a disk of its own, and three machines for green that have none. The first machine is the operator's, and has the gateway, unless there is one more for that.</summary>
internal sealed partial class ReuseService
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    public static readonly TimeSpan WindowDeadline = TimeSpan.FromSeconds(20);
    public const string File = "/srv/service.yaml";
    private const int Nodes = 3;
    private const int BluePort = 7001;
    private const int GreenPort = 7002;
    private const int RouterPort = 6379;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private readonly TestBed _bed;
    private readonly LoopDisk[] _disks = new LoopDisk[Nodes];
    private readonly ReuseShape _shape;
    private int _faults;

    private ReuseService(TestBed bed, TestFleet fleet, ReuseShape shape)
    {
        _bed = bed;
        _shape = shape;
        Machines = fleet;
    }

    public TestFleet Machines { get; }

    public TestMachine Operator => _shape.OperatorElsewhere ? Machines["home"] : Blue(1);

    public RedisLedgerEndpoint Router => At(Operator, RouterPort);

    public TestMachine Blue(int node) => Machines[$"blue-{node}"];

    public TestMachine Green(int node) => Machines[$"green-{node}"];

    public RedisLedgerEndpoint OnBlue(int node) => At(Blue(node), BluePort);

    public RedisLedgerEndpoint OnGreen(int node) => At(Green(node), GreenPort);

    public LoopDisk Disk(int node) => _disks[node - 1];

    public IReadOnlyList<LoopDisk> Disks => _disks;

    public static string MountPoint(int node) => $"/srv/volume-{node}";

    /// <summary>Starts it all. One disk is an ext4, which is copied for a snapshot; the others are xfs.</summary>
    public static async Task<ReuseService> StartAsync(TestBed bed, ReuseShape? shape = null)
    {
        var service = new ReuseService(bed, await bed.StartFleetAsync([.. shape?.OperatorElsewhere == true ? ["home"] : Array.Empty<string>(), "blue-1", "blue-2", "blue-3", "green-1", "green-2", "green-3"]), shape ?? new ReuseShape());
        await service._shape.Shelf.PrepareAsync(bed, service.Machines);
        for (var node = 1; node <= Nodes; node++)
        {
            await service.AttachAsync(node);
            await service.StartBlueAsync(node);
        }

        await TestBed.WaitUntilAsync(async () => (await service.BlueInfoAsync(1)).Contains("connected_slaves:2", StringComparison.Ordinal), "both replicas follow", Soon);
        await service.DescribeAsync(text => text);
        service.Start("statefuldeploy", [], "gateway", File);
        await TestBed.WaitUntilAsync(async () => (await AskAsync(service.Operator, RouterPort, "PING")) == "PONG", "the gateway listens", Soon);
        return service;
    }

    /// <summary>Writes the service file anew.</summary>
    public Task DescribeAsync(Func<string, string> change) => System.IO.File.WriteAllTextAsync(Path.Combine(Operator.Disk, "service.yaml"), change(Text()));

    /// <summary>Starts a command that does something to itself at a moment of the upgrade.</summary>
    public (TestProcess Process, string Signal) StartWith(FaultOrder faults, params string[] arguments) => StartWith(faults, environment: null, arguments);

    /// <summary>As above, with variables of its own.</summary>
    public (TestProcess Process, string Signal) StartWith(FaultOrder faults, IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        var name = FormattableString.Invariant($"fault{++_faults}");
        var all = faults.ToEnvironment($"/srv/{name}");
        foreach (var (key, value) in environment ?? new Dictionary<string, string?>(StringComparer.Ordinal))
        {
            all[key] = value;
        }

        return (Start("Upgrade.Host", all, arguments), Path.Combine(Operator.Disk, name));
    }

    /// <summary>Starts a command of the product on the operator's machine.</summary>
    public TestProcess Start(string assembly, Dictionary<string, string?> environment, params string[] arguments) =>
        _bed.Own(Operator.StartDotnet(new ProcessOptions { WorkingDirectory = "/srv", Environment = environment }, assembly, arguments));

    public Task<string> BlueInfoAsync(int node) => AskAsync(Blue(node), BluePort, "INFO", "everything");

    public Task<string> GreenInfoAsync(int node) => AskAsync(Green(node), GreenPort, "INFO", "everything");

    /// <summary>Whether a cluster's writer takes a write of an ordinary client past the router.</summary>
    public async Task<bool> TakesWritesAsync(bool green) => (await (green ? AskAsync(Green(2), GreenPort, "SET", "past:look", "1") : AskAsync(Blue(1), BluePort, "SET", "past:look", "1"))) == "OK";

    /// <summary>The machines on which a disk is mounted.</summary>
    public async Task<IReadOnlyList<string>> MountedOnAsync(int node)
    {
        var found = new List<string>();
        foreach (var machine in Machines.Machines)
        {
            if ((await machine.TryRunAsync("mountpoint", "-q", MountPoint(node))).ExitCode == 0)
            {
                found.Add(machine.Name);
            }
        }

        return found;
    }

    private static async Task<string> AskAsync(TestMachine machine, int port, params string[] words) =>
        (await machine.TryRunAsync("redis-cli", ["-h", machine.Address, "-p", port.ToString(CultureInfo.InvariantCulture), .. words])).Output;

    private async Task AttachAsync(int node)
    {
        _disks[node - 1] = _bed.Own(await LoopDisk.MakeAsync(Path.Combine(node == 2 && _shape.Storage is { } storage ? storage : _bed.Folder, $"disk-{node}.img"), node == _shape.CopiedDisk ? "ext4" : "xfs"));
        await _shape.Shelf.AttachAsync(node, Disk(node), Blue(node).Name, HostOf(node));

        // A list of devices that is made while others come and go may miss one.
        string? device = null;
        await TestBed.WaitUntilAsync(async () => (device = await Disk(node).DevicesAsync() is [var first, ..] ? first : null) is not null, $"disk {node} has a device", Soon);
        await Blue(node).RunAsync("mkdir", "-p", MountPoint(node));
        await Blue(node).RunAsync("mount", device!, MountPoint(node));
    }

    private async Task StartBlueAsync(int node)
    {
        var machine = Blue(node);
        var follow = node == 1 ? string.Empty : $"replicaof {Blue(1).Address} {BluePort}\n";
        await System.IO.File.WriteAllTextAsync(
            Path.Combine(machine.Disk, "redis.conf"),
            $"bind {machine.Address} 127.0.0.1\nport {BluePort}\nprotected-mode no\ndir {MountPoint(node)}\nappendonly yes\nrepl-diskless-sync-delay 0\nrepl-backlog-size 64mb\n{follow}");
        _bed.Own(machine.Start(ServerCatalog.Get("redis-7.0").Program, "/srv/redis.conf"));
        await TestBed.WaitUntilAsync(async () => (await AskAsync(machine, BluePort, "PING")) == "PONG", $"blue {node} answers", Soon);
    }

    private string HostOf(int node) => node == 1 && !_shape.OperatorElsewhere ? "local" : $"b{node}";

    private static RedisLedgerEndpoint At(TestMachine machine, int port) => new(new RedisLedgerOptions { Servers = [new IPEndPoint(IPAddress.Parse(machine.Address), port)] });

    private string Text() => $$"""
        name: orders
        engine: redis
        version: "7.0"
        dataClass: critical
        hosts:
        {{Lines(_shape.OperatorElsewhere ? [1, 2, 3] : [2, 3], node => $"  b{node}: {{ ssh: blue-{node}, config: {Machines.SshConfig} }}")}}
        {{Lines([1, 2, 3], node => $"  g{node}: {{ ssh: green-{node}, config: {Machines.SshConfig} }}")}}
        nodes:
        {{Lines([1, 2, 3], node => $"  - {{ name: orders-{node}, endpoint: \"{Blue(node).Address}:{BluePort}\", host: {HostOf(node)}, role: {(node == 1 ? "primary" : "replica")}, dataDirectory: {MountPoint(node)} }}")}}
        green:
          version: "8.0"
          nodes:
        {{Lines([2, 3, 1], node => $"    - {{ name: new-{node}, endpoint: \"{Green(node).Address}:{GreenPort}\", host: g{node}, role: {(node == 2 ? "primary" : "replica")}, volume: data-{node}, dataDirectory: /srv/new-{node} }}")}}
        volumes:
        {{Lines([1, 2, 3], node => $"  - {{ name: data-{node}, node: orders-{node}, uuid: {Disk(node).Uuid}, filesystem: {Disk(node).FileSystem}, mountPoint: {MountPoint(node)}, {_shape.Shelf.Describe(node, Disk(node))} }}")}}
        {{_shape.Shelf.Section}}
        router: { kind: gateway, listen: "{{Operator.Address}}:{{RouterPort}}", admin: /srv/gw.sock }
        software:
          "7.0": { server: {{ServerCatalog.Get("redis-7.0").Program}} }
          "8.0": { server: {{ServerCatalog.Get("redis-8.0").Program}} }
        limits: { windowDeadline: {{WindowDeadline.TotalSeconds}}s, holdLimit: 20s, soak: 1s, answer: 5s }
        state: /srv/state
        guard: /srv/guard
        """;

    private static string Lines(int[] nodes, Func<int, string> line) => string.Join('\n', nodes.Select(line));
}
