using System.Net;
using System.Text;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Disks;
using StatefulDeploy.Harness.Fleet;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using StatefulDeploy.Load.Redis;

namespace StatefulDeploy.Upgrade.Tests.Fleet;

/// <summary>
/// Three shards on six machines: the writers on the first three, a replica of each on the others, every node with its data on a disk of its own.
/// New servers are on the machines that are there: each disk goes to the next machine of its three. The first machine is the operator's.
/// </summary>
internal sealed class ShardedReuseService
{
    public const string File = "/srv/service.yaml";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    private static readonly string[] Names = ["a", "b", "c"];
    private static readonly LedgerOptions Load = new() { Writers = 2, Readers = 1, WritesPerSecond = 40, ReadsPerSecond = 40, Timeout = TimeSpan.FromSeconds(40) };
    private readonly TestBed _bed;
    private readonly List<Ledger> _ledgers = [];

    private ShardedReuseService(TestBed bed, TestFleet machines)
    {
        _bed = bed;
        Machines = machines;
        Product = new FleetProduct(bed, machines["m1"]);
    }

    public TestFleet Machines { get; }

    public FleetProduct Product { get; }

    public List<LoopDisk> Disks { get; } = [];

    public static async Task<ShardedReuseService> StartAsync(TestBed bed)
    {
        var service = new ShardedReuseService(bed, await bed.StartFleetAsync("m1", "m2", "m3", "m4", "m5", "m6"));
        for (var node = 1; node <= 6; node++)
        {
            await service.StartNodeAsync(node);
        }

        await System.IO.File.WriteAllTextAsync(service.Product.ServiceFile, service.Text());
        foreach (var name in Names)
        {
            service.Product.Start("gateway", $"{File}#{name}");
        }

        for (var shard = 1; shard <= 3; shard++)
        {
            var port = RouterPort(shard);
            await TestBed.WaitUntilAsync(async () => await AskAsync(service.Machines["m1"], port, "PING") == "PONG", $"gateway {shard} listens", Soon);
            service._ledgers.Add(await bed.StartLedgerAsync(At(service.Machines["m1"], port), Load));
        }

        await service.GoesOnAsync();
        return service;
    }

    public static string MountPoint(int node) => $"/srv/volume-{node}";

    /// <summary>Waits until the load of every shard goes on.</summary>
    public Task GoesOnAsync() => Task.WhenAll(_ledgers.Select(ledger => ledger.WaitForWritesAsync(30, ReuseService.Patience)));

    /// <summary>The machine that has the disk of a node mounted; all of them, if it were several.</summary>
    public async Task<string> MountedOnAsync(int node)
    {
        var found = new List<string>();
        foreach (var machine in Machines.Machines)
        {
            if ((await machine.TryRunAsync("mountpoint", "-q", MountPoint(node))).ExitCode == 0)
            {
                found.Add(machine.Name);
            }
        }

        return string.Join(" and ", found);
    }

    /// <summary>Where the disks of the shards are: writers' first.</summary>
    public async Task<IReadOnlyList<string>> PlacesAsync() => await Task.WhenAll(Enumerable.Range(1, 6).Select(MountedOnAsync));

    /// <summary>Ends the loads: of no shard was anything lost, refused or dropped, through its router and on the server that is live.</summary>
    public async Task AssertFlawlessAsync(bool green)
    {
        for (var shard = 1; shard <= 3; shard++)
        {
            var ledger = _ledgers[shard - 1];
            var live = green ? At(Machines[$"m{Next(shard + 3)}"], GreenPort(shard + 3)) : At(Machines[$"m{shard}"], BluePort(shard));
            await FleetLedger.AssertFlawlessAsync(ledger, At(Machines["m1"], RouterPort(shard)), live);
        }
    }

    private async Task StartNodeAsync(int node)
    {
        var machine = Machines[$"m{node}"];
        var disk = _bed.Own(await LoopDisk.MakeAsync(Path.Combine(_bed.Folder, $"disk-{node}.img"), "xfs"));
        Disks.Add(disk);
        await System.IO.File.WriteAllTextAsync(disk.Image + ".attached", HostOf(node) + "\n");
        var device = await disk.AttachAsync();
        await machine.RunAsync("mkdir", "-p", MountPoint(node));
        await machine.RunAsync("mount", device, MountPoint(node));
        var follow = node <= 3 ? string.Empty : $"replicaof {Machines[$"m{node - 3}"].Address} {BluePort(node - 3)}\n";
        await System.IO.File.WriteAllTextAsync(Path.Combine(machine.Disk, "redis.conf"), $"bind {machine.Address} 127.0.0.1\nport {BluePort(node)}\nprotected-mode no\ndir {MountPoint(node)}\nappendonly yes\nrepl-diskless-sync-delay 0\nrepl-backlog-size 64mb\n{follow}");
        _bed.Own(machine.Start(ServerCatalog.Get("redis-7.0").Program, "/srv/redis.conf"));
        await TestBed.WaitUntilAsync(async () => await AskAsync(machine, BluePort(node), "PING") == "PONG", $"node {node} answers", Soon);
    }

    private static async Task<string> AskAsync(TestMachine machine, int port, params string[] words) =>
        (await machine.TryRunAsync("redis-cli", ["-h", machine.Address, "-p", $"{port}", .. words])).Output;

    private static int BluePort(int node) => 7000 + node;

    private static int GreenPort(int node) => 8000 + node;

    private static int RouterPort(int shard) => 6400 + shard;

    // The next machine of the same three.
    private static int Next(int machine) => machine % 3 == 0 ? machine - 2 : machine + 1;

    private static string HostOf(int machine) => machine == 1 ? "local" : $"h{machine}";

    private static RedisLedgerEndpoint At(TestMachine machine, int port) => new(new RedisLedgerOptions { Servers = [new IPEndPoint(IPAddress.Parse(machine.Address), port)] });

    private string Text()
    {
        var text = new StringBuilder("name: orders\nengine: redis\nversion: \"7.0\"\ndataClass: lean\ndataClasses:\n  lean: { hotReplicas: 0, coldCopies: 1, retention: 1d }\nhosts:\n");
        for (var machine = 2; machine <= 6; machine++)
        {
            text.AppendLine($"  h{machine}: {{ ssh: m{machine}, config: {Machines.SshConfig} }}");
        }

        text.AppendLine("shards:");
        for (var shard = 1; shard <= 3; shard++)
        {
            text.AppendLine($"  - name: {Names[shard - 1]}\n    nodes:");
            text.AppendLine($"      - {{ name: n{shard}, endpoint: \"{Machines[$"m{shard}"].Address}:{BluePort(shard)}\", host: {HostOf(shard)}, role: primary, dataDirectory: {MountPoint(shard)} }}");
            text.AppendLine($"      - {{ name: n{shard + 3}, endpoint: \"{Machines[$"m{shard + 3}"].Address}:{BluePort(shard + 3)}\", host: {HostOf(shard + 3)}, dataDirectory: {MountPoint(shard + 3)} }}");
            text.AppendLine($"    router: {{ kind: gateway, listen: \"{Machines["m1"].Address}:{RouterPort(shard)}\", admin: /srv/{Names[shard - 1]}.sock }}");
        }

        text.AppendLine("green:\n  version: \"8.0\"\n  shards:");
        for (var shard = 1; shard <= 3; shard++)
        {
            text.AppendLine($"    - name: {Names[shard - 1]}\n      nodes:");
            foreach (var (node, role) in new[] { (shard + 3, "primary"), (shard, "replica") })
            {
                text.AppendLine($"        - {{ name: g{node}, endpoint: \"{Machines[$"m{Next(node)}"].Address}:{GreenPort(node)}\", host: {HostOf(Next(node))}, role: {role}, volume: v{node}, dataDirectory: /srv/new-{node} }}");
            }
        }

        text.AppendLine("volumes:");
        for (var node = 1; node <= 6; node++)
        {
            text.AppendLine($"  - {{ name: v{node}, node: n{node}, uuid: {Disks[node - 1].Uuid}, filesystem: xfs, mountPoint: {MountPoint(node)}, provider: image, image: {Disks[node - 1].Image} }}");
        }

        text.AppendLine($"software:\n  \"7.0\": {{ server: {ServerCatalog.Get("redis-7.0").Program} }}\n  \"8.0\": {{ server: {ServerCatalog.Get("redis-8.0").Program} }}");
        text.AppendLine("limits: { windowDeadline: 20s, holdLimit: 20s, soak: 1s, answer: 5s }\nstate: /srv/state\nguard: /srv/guard");
        return text.ToString();
    }
}
