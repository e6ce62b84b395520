using System.Net;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Disks;
using StatefulDeploy.Harness.Fleet;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load.Redis;

namespace StatefulDeploy.Upgrade.Tests.Fleet;

/// <summary>A Redis 7.0 without replicas, its data on a disk of its own; the successor is on another machine, or beside it on the same. The first machine is the operator's, and has the gateway.</summary>
internal sealed class SingleReuseService
{
    public const string MountPoint = "/srv/volume";
    private const int BluePort = 7001;
    private const int GreenPort = 7002;
    private const int RouterPort = 6379;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    private readonly TestBed _bed;
    private readonly TestFleet _machines;
    private readonly bool _elsewhere;

    private SingleReuseService(TestBed bed, TestFleet machines, bool elsewhere)
    {
        _bed = bed;
        _machines = machines;
        _elsewhere = elsewhere;
        Product = new FleetProduct(bed, Old);
    }

    public FleetProduct Product { get; }

    /// <summary>The machine of the old server.</summary>
    public TestMachine Old => _machines["old"];

    /// <summary>The machine of the new server.</summary>
    public TestMachine New => _elsewhere ? _machines["new"] : Old;

    public RedisLedgerEndpoint Router => At(Old, RouterPort);

    public RedisLedgerEndpoint OnBlue => At(Old, BluePort);

    public RedisLedgerEndpoint OnGreen => At(New, GreenPort);

    public static async Task<SingleReuseService> StartAsync(TestBed bed, bool elsewhere, string? newServer = null)
    {
        var service = new SingleReuseService(bed, await (elsewhere ? bed.StartFleetAsync("old", "new") : bed.StartFleetAsync("old")), elsewhere);
        var disk = bed.Own(await LoopDisk.MakeAsync(Path.Combine(bed.Folder, "disk.img"), elsewhere ? "xfs" : "ext4"));
        await File.WriteAllTextAsync(disk.Image + ".attached", "local\n");
        var device = await disk.AttachAsync();
        await service.Old.RunAsync("mkdir", "-p", MountPoint);
        await service.Old.RunAsync("mount", device, MountPoint);
        await File.WriteAllTextAsync(Path.Combine(service.Old.Disk, "redis.conf"), $"bind {service.Old.Address} 127.0.0.1\nport {BluePort}\nprotected-mode no\ndir {MountPoint}\nappendonly yes\n");
        bed.Own(service.Old.Start(ServerCatalog.Get("redis-7.0").Program, "/srv/redis.conf"));
        await TestBed.WaitUntilAsync(() => SaysAsync(service.Old, BluePort, "PONG", "PING"), "blue answers", Soon);
        await File.WriteAllTextAsync(service.Product.ServiceFile, service.Text(disk, newServer ?? ServerCatalog.Get("redis-8.0").Program));
        service.Product.Start("gateway", "/srv/service.yaml");
        await TestBed.WaitUntilAsync(() => SaysAsync(service.Old, RouterPort, "PONG", "PING"), "the gateway listens", Soon);
        return service;
    }

    /// <summary>A server program that is of the new version, writes into its folder what no server can read, and ends.</summary>
    public static string BrokenServer(TestBed bed)
    {
        var path = Path.Combine(bed.Folder, "redis-server");
        File.WriteAllText(path, $"#!/bin/sh\ncase \"$1\" in\n  -*) exec {ServerCatalog.Get("redis-8.0").Program} \"$@\" ;;\nesac\necho spoiled > {MountPoint}/dump.rdb\nrm -rf {MountPoint}/appendonlydir\necho 'Fatal error loading the DB' >&2\nexit 1\n");
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        return path;
    }

    /// <summary>The machines that have the disk mounted.</summary>
    public async Task<IReadOnlyList<string>> MountedOnAsync()
    {
        var found = new List<string>();
        foreach (var machine in _machines.Machines)
        {
            if ((await machine.TryRunAsync("mountpoint", "-q", MountPoint)).ExitCode == 0)
            {
                found.Add(machine.Name);
            }
        }

        return found;
    }

    /// <summary>Ends whatever the product has on the operator's machine but for its gateway.</summary>
    public Task KillAllAsync() => Old.TryRunAsync("pkill", "-9", "-f", "(statefuldeploy|Upgrade.Host).dll (upgrade|keeper|guard)");

    private static async Task<bool> SaysAsync(TestMachine machine, int port, string expected, params string[] words) =>
        (await machine.TryRunAsync("redis-cli", ["-h", machine.Address, "-p", $"{port}", .. words])).Output == expected;

    private static RedisLedgerEndpoint At(TestMachine machine, int port) => new(new RedisLedgerOptions { Servers = [new IPEndPoint(IPAddress.Parse(machine.Address), port)] });

    private string Text(LoopDisk disk, string newServer) => $$"""
        name: orders
        engine: redis
        version: "7.0"
        dataClass: alone
        dataClasses:
          alone: { hotReplicas: 0, coldCopies: 1, retention: 1d }
        hosts:
          far: { ssh: {{New.Name}}, config: {{_machines.SshConfig}} }
        nodes:
          - { name: orders-1, endpoint: "{{Old.Address}}:{{BluePort}}", role: primary, dataDirectory: {{MountPoint}} }
        green:
          version: "8.0"
          nodes:
            - { name: new-1, endpoint: "{{New.Address}}:{{GreenPort}}", host: {{(_elsewhere ? "far" : "local")}}, dataDirectory: /srv/new-1 }
        volumes:
          - { name: data, node: orders-1, uuid: {{disk.Uuid}}, filesystem: {{disk.FileSystem}}, mountPoint: {{MountPoint}}, provider: image, image: {{disk.Image}} }
        router: { kind: gateway, listen: "{{Old.Address}}:{{RouterPort}}", admin: /srv/gw.sock }
        software:
          "7.0": { server: {{ServerCatalog.Get("redis-7.0").Program}} }
          "8.0": { server: {{newServer}} }
        limits: { windowDeadline: 20s, holdLimit: 20s, soak: 1s, answer: 5s }
        state: /srv/state
        guard: /srv/guard
        """;
}
