using StatefulDeploy.Contracts;
using StatefulDeploy.Guard;
using StatefulDeploy.Guard.Host;
using StatefulDeploy.Hosts.Local;
using StatefulDeploy.Model;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Core.Tests.Guard;

/// <summary>A service of two blue nodes and two green ones, a router, and a guard's folder; real processes for the guard and the operators. Watches the whole time that never both colours take writes.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly List<OperatorProcess> _operators = [];
    private readonly List<string> _violations = [];

    public Stage(int blueNodes = 2)
    {
        Folder = Directory.CreateTempSubdirectory("sd-guard-").FullName;
        Blue = [.. Enumerable.Range(1, blueNodes).Select(number => new PretendedNode($"blue-{number}", true, Look))];
        Green = [.. Enumerable.Range(1, 2).Select(number => new PretendedNode($"green-{number}", false, Look))];
        Router = new PretendedNode("router", false, _ => { });
        Service = new ServiceDescription
        {
            Name = "orders",
            Path = Path.Combine(Folder, "service.json"),
            Engine = "wire",
            Blue = Layout(ClusterColour.Blue, Blue),
            Green = new GreenDescription { Shards = Layout(ClusterColour.Green, Green).Shards },
            Router = new RouterDescription("wire", new NodeEndpoint("127.0.0.1", 1), Router.Endpoint.ToString(), new Dictionary<string, string>(StringComparer.Ordinal)),
            Limits = new UpgradeLimits { Answer = TimeSpan.FromSeconds(1) },
            StateDirectory = Path.Combine(Folder, "state"),
            GuardDirectory = Path.Combine(Folder, "guard"),
        };
        File.WriteAllText(Service.Path, ModelJson.Write(Service));
    }

    public string Folder { get; }

    public ServiceDescription Service { get; }

    public PretendedNode[] Blue { get; }

    public PretendedNode[] Green { get; }

    public PretendedNode Router { get; }

    public WirePlatform Platform { get; } = new();

    public bool BlueIsOpen => Blue.All(node => node.IsOpen);

    public bool BlueIsClosed => Blue.All(node => !node.IsOpen);

    public bool GreenIsOpen => Green.All(node => node.IsOpen);

    public bool GreenIsClosed => Green.All(node => !node.IsOpen);

    /// <summary>What the router was told: <c>ACT epoch port pid</c>.</summary>
    public IReadOnlyList<string> Routed => Router.Acts;

    public string GuardLog => File.Exists(Path.Combine(Service.GuardDirectory, "guard.log")) ? File.ReadAllText(Path.Combine(Service.GuardDirectory, "guard.log")) : string.Empty;

    /// <summary>The process that holds the guard's lock.</summary>
    public ProcessIdentity Guard => new GuardFolder(Service.GuardDirectory).ReadHolder()!;

    public bool GuardRuns => new GuardFolder(Service.GuardDirectory).ReadHolder() is { } holder && RunningProcess.IsRunning(holder);

    public async Task<OperatorProcess> StartOperatorAsync(string upgradeId = "u1")
    {
        var process = await OperatorProcess.StartAsync(Platform.Command("operator", Service.Path, upgradeId));
        _operators.Add(process);
        return process;
    }

    /// <summary>An operator who has the lease and a window of that many milliseconds.</summary>
    public async Task<OperatorProcess> ArmAsync(int milliseconds, string window = "w1")
    {
        var one = await StartOperatorAsync();
        await one.DoAsync("connect");
        await one.ExpectAsync($"arm {window} {milliseconds}", "ok");
        await one.ExpectAsync("prepare", "ok");
        return one;
    }

    public Task<ProcessIdentity> StartGuardAsync() =>
        new LocalHost().StartDetachedAsync(Platform.Command("guard", "--service-file", Service.Path, "--guard-directory", Service.GuardDirectory), Path.Combine(Service.GuardDirectory, "guard.log"), CancellationToken.None);

    public Task KillGuardAsync() => RunningProcess.KillAsync(Guard, TimeSpan.FromSeconds(10), CancellationToken.None);

    /// <summary>Waits for something, and says what the guard did when it does not come.</summary>
    public async Task UntilAsync(Func<bool> isSo, string what, int seconds = 20)
    {
        for (var began = Environment.TickCount64; !isSo(); await Task.Delay(5))
            Assert.True(Environment.TickCount64 - began < seconds * 1000, $"{what} did not come to pass.\n{GuardLog}");
    }

    public void AssertNeverBothOpen()
    {
        lock (_violations)
            Assert.True(_violations.Count == 0, string.Join('\n', _violations) + "\n" + GuardLog);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in _operators)
            await one.DisposeAsync();

        if (GuardRuns)
            await KillGuardAsync();

        foreach (var node in Blue.Concat(Green).Append(Router))
            await node.DisposeAsync();

        Directory.Delete(Folder, recursive: true);
        AssertNeverBothOpen();
    }

    private void Look(PretendedNode changed)
    {
        if (Blue.Any(node => node.IsOpen) && Green.Any(node => node.IsOpen))
        {
            lock (_violations)
                _violations.Add($"Both colours take writes once {changed.Name} has done {changed.Acts[^1]}.");
        }
    }

    private static ClusterLayout Layout(ClusterColour colour, PretendedNode[] nodes) => new(colour, colour == ClusterColour.Blue ? "1" : "2", [new Shard("s1", [.. nodes.Select((node, index) => new Node
    {
        Name = node.Name,
        Role = index == 0 ? NodeRole.Primary : NodeRole.Replica,
        Endpoint = node.Endpoint,
        Version = "1",
        Colour = colour,
    })])]);
}
