using System.Net;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Fleet;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load.Redis;
using StatefulDeploy.Upgrade.Tests.Stage;

namespace StatefulDeploy.Upgrade.Tests.Fleet;

/// <summary>
/// A Redis 7.0 on one machine and another machine for green. The gateway and the upgrade run on blue's machine, or, where the writer is elsewhere, on a third one,
/// and blue has a replica on green's machine. The machine of the upgrade reaches the others by ssh, and they reach nobody. What a machine has is on its own disk.
/// </summary>
internal sealed class FleetService
{
    public static readonly TimeSpan Patience = FleetProduct.Patience;
    private const int BluePort = 7001;
    private const int GreenPort = 7002;
    private const int ReplicaPort = 7003;
    private const int RouterPort = 6379;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private readonly TestBed _bed;
    private readonly FleetProduct _product;

    private FleetService(TestBed bed, TestFleet fleet)
    {
        _bed = bed;
        Machines = fleet;
        Home = fleet.Machines[0];
        _product = new FleetProduct(bed, Home);
    }

    public TestFleet Machines { get; }

    /// <summary>Where the upgrade is run and the gateway is.</summary>
    public TestMachine Home { get; }

    public TestMachine Blue => Machines["blue"];

    public TestMachine Green => Machines["green"];

    /// <summary>The service as its clients reach it.</summary>
    public RedisLedgerEndpoint Router => At(Home, RouterPort);

    public RedisLedgerEndpoint OnBlue => At(Blue, BluePort);

    public RedisLedgerEndpoint OnGreen => At(Green, GreenPort);

    public static async Task<FleetService> StartAsync(TestBed bed, bool writerElsewhere = false)
    {
        var service = new FleetService(bed, await (writerElsewhere ? bed.StartFleetAsync("home", "blue", "green") : bed.StartFleetAsync("blue", "green")));
        await service.StartServerAsync(service.Blue, BluePort, string.Empty);
        if (writerElsewhere)
            await service.StartServerAsync(service.Green, ReplicaPort, $"replicaof {service.Blue.Address} {BluePort}\n");

        await File.WriteAllTextAsync(service._product.ServiceFile, service.Text(writerElsewhere));
        service._product.Start("gateway", "/srv/service.yaml");
        await TestBed.WaitUntilAsync(() => AnswersAsync(service.Home, RouterPort), "the gateway listens", Soon);
        return service;
    }

    /// <summary>Runs a command of the product to its end.</summary>
    public Task<CommandOutcome> RunAsync(params string[] arguments) => _product.RunAsync(arguments);

    /// <summary>Starts a command that stands still at a moment of the upgrade: see <see cref="FleetProduct.StartWith"/>.</summary>
    public (TestProcess Process, string Signal) StartWith(FaultOrder faults, params string[] arguments) => _product.StartWith(faults, arguments);

    /// <summary>Ends green's sshd with all its sessions; the network stays.</summary>
    public async Task EndSshOfGreenAsync()
    {
        await Green.StopSshAsync();
        await Green.TryRunAsync("pkill", "-f", "^sshd: ");
    }

    /// <summary>Whether blue's writer takes a write of an ordinary client on its own machine, past the router.</summary>
    public async Task<bool> TakesWritesAsync() => (await Blue.TryRunAsync("redis-cli", "-h", Blue.Address, "-p", $"{BluePort}", "SET", "past-the-router", "1")).Output == "OK";

    private async Task StartServerAsync(TestMachine machine, int port, string more)
    {
        await machine.RunAsync("mkdir", "-p", "/srv/blue");
        await File.WriteAllTextAsync(Path.Combine(machine.Disk, "blue/redis.conf"), $"bind {machine.Address} 127.0.0.1\nport {port}\nprotected-mode no\ndir /srv/blue\nappendonly yes\nrepl-diskless-sync-delay 0\n{more}");
        _bed.Own(machine.Start(ServerCatalog.Get("redis-7.0").Program, "/srv/blue/redis.conf"));
        await TestBed.WaitUntilAsync(() => AnswersAsync(machine, port), "blue answers", Soon);
    }

    private static async Task<bool> AnswersAsync(TestMachine machine, int port) => (await machine.TryRunAsync("redis-cli", "-h", machine.Address, "-p", $"{port}", "PING")).Output == "PONG";

    private static RedisLedgerEndpoint At(TestMachine machine, int port) => new(new RedisLedgerOptions { Servers = [new IPEndPoint(IPAddress.Parse(machine.Address), port)] });

    private string Text(bool writerElsewhere) => $$"""
        name: orders
        engine: redis
        version: "7.0"
        dataClass: none
        dataClasses:
          none: { hotReplicas: 0, coldCopies: 1, retention: 1d }
        hosts:
          far: { ssh: green, config: {{Machines.SshConfig}} }
        {{(writerElsewhere ? $"  near: {{ ssh: blue, config: {Machines.SshConfig}, guard: /srv/watch }}" : string.Empty)}}
        nodes:
          - { name: orders-1, endpoint: "{{Blue.Address}}:{{BluePort}}"{{(writerElsewhere ? ", host: near, role: primary" : string.Empty)}} }
        {{(writerElsewhere ? $"  - {{ name: orders-1b, endpoint: \"{Green.Address}:{ReplicaPort}\", host: far }}" : string.Empty)}}
        green:
          version: "8.0"
          nodes:
            - { name: orders-2, endpoint: "{{Green.Address}}:{{GreenPort}}", host: far, dataDirectory: /srv/orders }
        router: { kind: gateway, listen: "{{Home.Address}}:{{RouterPort}}", admin: /srv/gw.sock }
        software:
          "8.0": { server: {{ServerCatalog.Get("redis-8.0").Program}} }
        limits: { windowDeadline: 30s, holdLimit: 30s, soak: 1s, answer: 15s }
        state: /srv/state
        guard: /srv/guard
        """;
}
