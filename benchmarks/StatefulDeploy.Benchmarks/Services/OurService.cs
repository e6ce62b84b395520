using System.Net;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using StatefulDeploy.Load.Redis;

namespace StatefulDeploy.Benchmarks.Services;

/// <summary>A service of ours: a blue server with clients behind the gateway, and its upgrade by the command line program.</summary>
public sealed class OurService
{
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(10);

    private readonly TestBed _bed;
    private readonly UpgradeCommand _command;
    private readonly int _routerPort = FreePort.Take();
    private readonly int _greenPort = FreePort.Take();

    private OurService(TestBed bed, RespServer blue)
    {
        _bed = bed;
        _command = new UpgradeCommand(bed);
        Blue = blue;
    }

    public RespServer Blue { get; }

    /// <summary>What its upgrade has written down so far.</summary>
    public UpgradeTimes Times => _command.Times;

    /// <summary>The service as clients reach it.</summary>
    public ILedgerEndpoint Clients => EndpointOf(_routerPort);

    /// <summary>Green, past the router.</summary>
    public ILedgerEndpoint Green => EndpointOf(_greenPort);

    /// <summary>Starts blue and the gateway, and describes the service.</summary>
    /// <param name="bed">What ends everything afterwards.</param>
    /// <param name="from">Blue's server, by its name in the catalog.</param>
    /// <param name="to">Green's.</param>
    /// <param name="settings">Lines of blue's configuration.</param>
    public static async Task<OurService> StartAsync(TestBed bed, string from, string to, params string[] settings)
    {
        ArgumentNullException.ThrowIfNull(bed);
        var service = new OurService(bed, await bed.StartRedisAsync(from, ["maxclients 4000", .. settings]));
        await File.WriteAllTextAsync(service._command.ServiceFile, service.Describe(from, to));
        var gateway = bed.StartDotnet("statefuldeploy", "gateway", service._command.ServiceFile);
        await gateway.WaitForLineAsync("\"ready\":true", Within);
        return service;
    }

    /// <summary>Runs <c>statefuldeploy upgrade</c> to its end.</summary>
    /// <param name="options">Its options.</param>
    /// <returns>The most memory that its process had.</returns>
    public Task<PeakMemory> UpgradeAsync(params string[] options) => _command.RunAsync("upgrade", options);

    private static RedisLedgerEndpoint EndpointOf(int port) => new(new RedisLedgerOptions { Servers = [new IPEndPoint(IPAddress.Loopback, port)] });

    private static string VersionOf(string server) => server[(server.LastIndexOf('-') + 1)..];

    private string Describe(string from, string to) => $$"""
        name: {{"b" + Guid.NewGuid().ToString("N")[..10]}}
        engine: redis
        version: "{{VersionOf(from)}}"
        nodes: [{ name: blue, endpoint: "127.0.0.1:{{Blue.Port}}" }]
        green:
          version: "{{VersionOf(to)}}"
          nodes: [{ name: green, endpoint: "127.0.0.1:{{_greenPort}}" }]
          dataRoot: {{_bed.NewFolder("green")}}
        router: { kind: gateway, listen: "127.0.0.1:{{_routerPort}}", admin: {{Path.Combine(_bed.Folder, "gw.sock")}} }
        software:
          "{{VersionOf(from)}}": { server: {{ServerCatalog.Get(from).Program}} }
          "{{VersionOf(to)}}": { server: {{ServerCatalog.Get(to).Program}} }
        limits: { soak: 1s }
        state: {{_command.StateFolder}}
        guard: {{Path.Combine(_bed.Folder, "guard")}}
        """;
}
