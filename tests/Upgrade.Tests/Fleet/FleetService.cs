using System.Net;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Fleet;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load.Redis;
using StatefulDeploy.Upgrade.Tests.Stage;

namespace StatefulDeploy.Upgrade.Tests.Fleet;

/// <summary>A Redis 7.0 on one machine, behind the gateway there, and another machine for green, which the first one reaches by ssh. What it has is on its own disk.</summary>
internal sealed class FleetService
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);
    private const int BluePort = 7001;
    private const int GreenPort = 7002;
    private const int RouterPort = 6379;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private readonly TestBed _bed;
    private int _faults;

    private FleetService(TestBed bed, TestFleet fleet)
    {
        _bed = bed;
        Machines = fleet;
    }

    public TestFleet Machines { get; }

    public TestMachine Blue => Machines["blue"];

    public TestMachine Green => Machines["green"];

    /// <summary>The service as its clients reach it.</summary>
    public RedisLedgerEndpoint Router => At(Blue, RouterPort);

    public RedisLedgerEndpoint OnBlue => At(Blue, BluePort);

    public RedisLedgerEndpoint OnGreen => At(Green, GreenPort);

    public static async Task<FleetService> StartAsync(TestBed bed)
    {
        var service = new FleetService(bed, await bed.StartFleetAsync("blue", "green"));
        await service.StartBlueAsync();
        await File.WriteAllTextAsync(Path.Combine(service.Blue.Disk, "service.yaml"), service.Text());
        service.Start("statefuldeploy", [], "gateway", "/srv/service.yaml");
        await TestBed.WaitUntilAsync(() => service.AnswersAsync(RouterPort), "the gateway listens", Soon);
        return service;
    }

    /// <summary>Runs a command of the product on blue's machine to its end.</summary>
    public async Task<CommandOutcome> RunAsync(params string[] arguments)
    {
        var process = Start("statefuldeploy", [], arguments);
        var code = await process.WaitForExitAsync(Patience);
        return new CommandOutcome(code, process.Output);
    }

    /// <summary>Starts a command that stands still at a moment of the upgrade until it is let go.</summary>
    /// <returns>The process, and the file whose name with <c>.reached</c> is made then and with <c>.go</c> is waited for.</returns>
    public (TestProcess Process, string Signal) StartWith(FaultOrder faults, params string[] arguments)
    {
        var name = FormattableString.Invariant($"fault{++_faults}");
        return (Start("Upgrade.Host", faults.ToEnvironment($"/srv/{name}"), arguments), Path.Combine(Blue.Disk, name));
    }

    /// <summary>Ends green's sshd with all its sessions; the network stays.</summary>
    public async Task EndSshOfGreenAsync()
    {
        await Green.StopSshAsync();
        await Green.TryRunAsync("pkill", "-f", "^sshd: ");
    }

    private async Task StartBlueAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(Blue.Disk, "redis.conf"), $"bind {Blue.Address} 127.0.0.1\nport {BluePort}\nprotected-mode no\ndir /srv\nappendonly yes\nrepl-diskless-sync-delay 0\n");
        _bed.Own(Blue.Start(ServerCatalog.Get("redis-7.0").Program, "/srv/redis.conf"));
        await TestBed.WaitUntilAsync(() => AnswersAsync(BluePort), "blue answers", Soon);
    }

    private async Task<bool> AnswersAsync(int port) => (await Blue.TryRunAsync("redis-cli", "-h", Blue.Address, "-p", $"{port}", "PING")).Output == "PONG";

    private TestProcess Start(string assembly, Dictionary<string, string?> environment, params string[] arguments) =>
        _bed.Own(Blue.StartDotnet(new ProcessOptions { WorkingDirectory = "/srv", Environment = environment }, assembly, arguments));

    private static RedisLedgerEndpoint At(TestMachine machine, int port) => new(new RedisLedgerOptions { Servers = [new IPEndPoint(IPAddress.Parse(machine.Address), port)] });

    private string Text() => $$"""
        name: orders
        engine: redis
        version: "7.0"
        dataClass: none
        dataClasses:
          none: { hotReplicas: 0, coldCopies: 1, retention: 1d }
        hosts:
          far: { ssh: green, config: {{Machines.SshConfig}} }
        nodes:
          - { name: orders-1, endpoint: "{{Blue.Address}}:{{BluePort}}" }
        green:
          version: "8.0"
          nodes:
            - { name: orders-2, endpoint: "{{Green.Address}}:{{GreenPort}}", host: far, dataDirectory: /srv/orders }
        router: { kind: gateway, listen: "{{Blue.Address}}:{{RouterPort}}", admin: /srv/gw.sock }
        software:
          "8.0": { server: {{ServerCatalog.Get("redis-8.0").Program}} }
        limits: { windowDeadline: 20s, holdLimit: 20s, soak: 1s, answer: 5s }
        state: /srv/state
        guard: /srv/guard
        """;
}
