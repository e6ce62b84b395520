using System.Globalization;
using StatefulDeploy.Cli.Demo.Fleet;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cli.Demo;

/// <summary>The service of a demo: a blue node behind its router, described in a file as anybody's would be.</summary>
internal sealed class DemoService
{
    private static readonly TimeSpan GatewayDeadline = TimeSpan.FromSeconds(20);

    private readonly IDemoEngine _engine;
    private readonly IPlatform _platform;
    private readonly DemoPlace _place;

    private DemoService(IDemoEngine engine, IPlatform platform, DemoPlace place, ServiceDescription service)
    {
        _engine = engine;
        _platform = platform;
        _place = place;
        Service = service;
    }

    public ServiceDescription Service { get; }

    /// <summary>Where clients connect.</summary>
    public NodeEndpoint Router => Service.Router.Listen;

    /// <summary>Gets the software, writes the service file, and starts blue and the router.</summary>
    public static async Task<DemoService> StartAsync(IDemoEngine engine, IPlatform platform, DemoPlace place, DemoOptions options, IReporter reporter, CancellationToken cancellationToken)
    {
        var host = new Hosts.Local.LocalHost();
        Tell(reporter, "Software", $"Looking for {engine.Name} {engine.From} and {engine.To}; what is missing is fetched.");
        var software = await engine.FindSoftwareAsync(host, cancellationToken);
        if (options.Strategy == UpgradeStrategy.VolumeReuse)
            Tell(reporter, "Fleet", "Making machines of namespaces, each with an sshd, and disks of loop devices.");
        var text = options.Strategy == UpgradeStrategy.VolumeReuse
            ? await FleetDescription.MakeAsync(engine, place, software, cancellationToken)
            : await DescribeAsync(engine, place, software, host, cancellationToken);
        await File.WriteAllTextAsync(place.ServiceFile, text, cancellationToken);
        var demo = new DemoService(engine, platform, place, platform.ReadService(place.ServiceFile));

        var blue = demo.Service.Blue;
        Tell(reporter, "Blue", $"Starting {engine.Name} {engine.From} on {string.Join(", ", blue.Nodes)} with {options.Keys:N0} keys.");
        await engine.StartBlueAsync(demo.Context(reporter), place, cancellationToken);
        await engine.FillAsync(blue.Writer.Endpoint, options.Keys, cancellationToken);

        Tell(reporter, "Router", $"Starting the {demo.Service.Router.Kind} on {demo.Router}.");
        if (demo.Service.Router.Kind == "gateway")
            await demo.StartGatewayAsync(cancellationToken);
        else
            await engine.StartRouterAsync(demo.Context(reporter), place, cancellationToken);
        return demo;
    }

    private static async Task<string> DescribeAsync(IDemoEngine engine, DemoPlace place, IReadOnlyDictionary<string, string> software, IHost host, CancellationToken cancellationToken)
    {
        var blue = await place.FreeEndpointAsync(host, cancellationToken);
        var router = await place.FreeEndpointAsync(host, cancellationToken);
        var green = await place.FreeEndpointAsync(host, cancellationToken);
        return Describe(engine, place, software, blue, router, green.Port);
    }

    // Every key but the folders is what a person would write.
    private static string Describe(IDemoEngine engine, DemoPlace place, IReadOnlyDictionary<string, string> software, NodeEndpoint blue, NodeEndpoint router, int greenPort) => string.Create(CultureInfo.InvariantCulture, $$"""
        name: demo-{{engine.Name}}
        engine: {{engine.Name}}
        version: "{{engine.From}}"
        nodes:
          - { name: orders-1, endpoint: "{{blue}}", dataDirectory: ./blue/orders-1, configFile: ./blue/orders-1/server.conf }
        {{engine.Router(place, router)}}
        software:
        {{string.Join('\n', software.Select(program => $"  \"{program.Key}\": {{ server: {program.Value} }}"))}}
        green: { version: "{{engine.To}}", dataRoot: ./green, basePort: {{greenPort}} }
        limits: { soak: 1s }
        state: ./state
        guard: ./guard

        """);

    private static void Tell(IReporter reporter, string step, string message) => reporter.Report(new ReportEvent(ReportLevel.Information, message) { Step = step });

    private EngineContext Context(IReporter reporter) => new()
    {
        Service = Service,
        Source = Service.Blue,
        Target = new ClusterLayout(ClusterColour.Green, _engine.To, []),
        UpgradeId = "demo",
        Hosts = _platform.CreateHosts(Service),
        Secrets = _platform.CreateSecrets(Service),
        OwnProgram = _platform.OwnProgram,
        Reporter = reporter,
    };

    private async Task StartGatewayAsync(CancellationToken cancellationToken)
    {
        var host = _platform.CreateHosts(Service)["local"];
        Directory.CreateDirectory(Path.GetDirectoryName(Service.Router.Admin)!);
        var log = _place.PathOf("gateway.log");
        var process = await host.StartDetachedAsync(_platform.OwnProgram.Command("gateway", _place.ServiceFile), log, cancellationToken);
        for (var began = Environment.TickCount64; await host.IsPortFreeAsync(Router.Host, Router.Port, cancellationToken); await Task.Delay(50, cancellationToken))
        {
            if (!await host.IsRunningAsync(process, cancellationToken) || Environment.TickCount64 - began > GatewayDeadline.TotalMilliseconds)
                throw new UpgradeException("GatewayNotStarted", $"The gateway did not start: {(await host.ReadFileAsync(log, cancellationToken))?.Trim()}", $"Read '{log}'; --keep leaves it there.");
        }
    }
}
