using StatefulDeploy.Cli.Demo.Fleet;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cli.Demo;

/// <summary>The service of a demo: a blue node behind its router, or several shards of them, described in a file as anybody's would be.</summary>
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

    /// <summary>Where the clients of each shard connect.</summary>
    public IReadOnlyList<NodeEndpoint> Routers => [.. Parts.Select(part => part.Router.Listen)];

    private IReadOnlyList<ServiceDescription> Parts => Service.Parts.Count > 0 ? Service.Parts : [Service];

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
            : await new DemoFile(engine, place, software, host).DescribeAsync(options.Shards, cancellationToken);
        await File.WriteAllTextAsync(place.ServiceFile, text, cancellationToken);
        var demo = new DemoService(engine, platform, place, platform.ReadService(place.ServiceFile));
        foreach (var part in demo.Parts)
            await demo.StartAsync(part, options.OfShard.Keys, reporter, cancellationToken);
        return demo;
    }

    private async Task StartAsync(ServiceDescription part, int keys, IReporter reporter, CancellationToken cancellationToken)
    {
        var shard = part.Shard is null ? string.Empty : $" of shard {part.Shard}";
        Tell(reporter, "Blue", $"Starting {_engine.Name} {_engine.From}{shard} on {string.Join(", ", part.Blue.Nodes)} with {keys:N0} keys.");
        await _engine.StartBlueAsync(Context(part, reporter), _place, cancellationToken);
        await _engine.FillAsync(part.Blue.Writer.Endpoint, keys, cancellationToken);

        Tell(reporter, "Router", $"Starting the {part.Router.Kind}{shard} on {part.Router.Listen}.");
        if (part.Router.Kind == "gateway")
            await StartGatewayAsync(part, cancellationToken);
        else
            await _engine.StartRouterAsync(Context(part, reporter), _place, cancellationToken);
    }

    private static void Tell(IReporter reporter, string step, string message) => reporter.Report(new ReportEvent(ReportLevel.Information, message) { Step = step });

    private EngineContext Context(ServiceDescription part, IReporter reporter) => new()
    {
        Service = part,
        Source = part.Blue,
        Target = new ClusterLayout(ClusterColour.Green, _engine.To, []),
        UpgradeId = "demo",
        Hosts = _platform.CreateHosts(part),
        Secrets = _platform.CreateSecrets(part),
        OwnProgram = _platform.OwnProgram,
        Reporter = reporter,
    };

    private async Task StartGatewayAsync(ServiceDescription part, CancellationToken cancellationToken)
    {
        var host = _platform.CreateHosts(part)["local"];
        Directory.CreateDirectory(Path.GetDirectoryName(part.Router.Admin)!);
        var log = _place.PathOf($"{part.Shard ?? "gateway"}.log");
        var process = await host.StartDetachedAsync(_platform.OwnProgram.Command("gateway", part.Path), log, cancellationToken);
        for (var began = Environment.TickCount64; await host.IsPortFreeAsync(part.Router.Listen.Host, part.Router.Listen.Port, cancellationToken); await Task.Delay(50, cancellationToken))
        {
            if (!await host.IsRunningAsync(process, cancellationToken) || Environment.TickCount64 - began > GatewayDeadline.TotalMilliseconds)
                throw new UpgradeException("GatewayNotStarted", $"The gateway did not start: {(await host.ReadFileAsync(log, cancellationToken))?.Trim()}", $"Read '{log}'; --keep leaves it there.");
        }
    }
}
