using System.Net;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using StatefulDeploy.Load.Redis;

namespace StatefulDeploy.Benchmarks.Switches;

/// <summary>Ours: clients behind the gateway, the switch by the command line program. What is measured holds the whole command, from its start as a process to its end.</summary>
public sealed class OurSwitch(string from, string to) : ISwitch
{
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(2);

    public string Name => $"switch-ours-{from}-{to}";

    public string Title => $"ours from {from} to {to}, clients behind the gateway";

    public IReadOnlyList<string> Servers => [from, to];

    public async Task<IPreparedSwitch> PrepareAsync(TestBed bed)
    {
        ArgumentNullException.ThrowIfNull(bed);
        var blue = await bed.StartRedisAsync(from, "maxclients 4000");
        var prepared = new Prepared(bed, FreePort.Take(), FreePort.Take());
        await File.WriteAllTextAsync(prepared.ServiceFile, Describe(bed, blue, prepared));
        var gateway = bed.StartDotnet("statefuldeploy", "gateway", prepared.ServiceFile);
        await gateway.WaitForLineAsync("\"ready\":true", Within);
        await prepared.RunAsync("--through", "catch-up");
        return prepared;
    }

    private string Describe(TestBed bed, RespServer blue, Prepared prepared) => $$"""
        name: {{"b" + Guid.NewGuid().ToString("N")[..10]}}
        engine: redis
        version: "{{VersionOf(from)}}"
        nodes: [{ name: blue, endpoint: "127.0.0.1:{{blue.Port}}" }]
        green:
          version: "{{VersionOf(to)}}"
          nodes: [{ name: green, endpoint: "127.0.0.1:{{prepared.GreenPort}}" }]
          dataRoot: {{bed.NewFolder("green")}}
        router: { kind: gateway, listen: "127.0.0.1:{{prepared.RouterPort}}", admin: {{Path.Combine(bed.Folder, "gw.sock")}} }
        software:
          "{{VersionOf(from)}}": { server: {{ServerCatalog.Get(from).Program}} }
          "{{VersionOf(to)}}": { server: {{ServerCatalog.Get(to).Program}} }
        limits: { soak: 1s }
        state: {{Path.Combine(bed.Folder, "state")}}
        guard: {{Path.Combine(bed.Folder, "guard")}}
        """;

    private static string VersionOf(string server) => server[(server.LastIndexOf('-') + 1)..];

    private sealed class Prepared(TestBed bed, int routerPort, int greenPort) : IPreparedSwitch
    {
        public int RouterPort => routerPort;

        public int GreenPort => greenPort;

        public string ServiceFile => Path.Combine(bed.Folder, "service.yaml");

        public ILedgerEndpoint Clients => new RedisLedgerEndpoint(new RedisLedgerOptions { Servers = [new IPEndPoint(IPAddress.Loopback, routerPort)] });

        public ILedgerEndpoint Afterwards => new RedisLedgerEndpoint(new RedisLedgerOptions { Servers = [new IPEndPoint(IPAddress.Loopback, greenPort)] });

        public IReadOnlyList<string> ReconnectOn => [];

        public Task SwitchAsync() => RunAsync("--through", "switch", "--yes");

        public async Task RunAsync(params string[] options)
        {
            // The bed ends it, and not its disposal: what it has started, such as green, is to go on.
            var upgrade = bed.StartDotnet("statefuldeploy", ["upgrade", ServiceFile, .. options]);
            if (await upgrade.WaitForExitAsync(Within) != 0)
            {
                throw new InvalidOperationException($"The upgrade failed:\n{upgrade.Output}");
            }
        }
    }
}
