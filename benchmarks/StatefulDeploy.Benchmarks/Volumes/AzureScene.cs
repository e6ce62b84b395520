using System.Globalization;
using StatefulDeploy.Azure.Tests.Stage;
using StatefulDeploy.Harness.Azure;
using StatefulDeploy.Harness.Azure.Identity;
using StatefulDeploy.Model;

namespace StatefulDeploy.Benchmarks.Volumes;

/// <summary>Three machines with four managed disks each, and three without, on a simulator whose operations take their time.</summary>
internal sealed class AzureScene : IAsyncDisposable
{
    public const int Machines = 3;
    public const int DisksEach = 4;

    private readonly string _folder = Directory.CreateTempSubdirectory("sdb.").FullName;

    private AzureScene(AzureSimulator simulator)
    {
        Simulator = simulator;
        Stage = simulator.Caller("service");
    }

    public AzureSimulator Simulator { get; }

    /// <summary>Sets the stage and looks; its requests do not count.</summary>
    public AzureCaller Stage { get; }

    /// <summary>Every disk, and the numbers of the machines between which it goes.</summary>
    public static IReadOnlyList<(string Disk, string From, string To)> Moves { get; } =
    [
        .. from machine in Enumerable.Range(1, Machines)
           from disk in Enumerable.Range(1, DisksEach)
           select (Text($"data-{machine}-{disk}"), Text($"old-{machine}"), Text($"new-{machine}")),
    ];

    /// <summary>Starts it.</summary>
    /// <param name="scale">How long operations take: 1 is as long as at Azure.</param>
    public static async Task<AzureScene> StartAsync(double scale)
    {
        // Azure asks to be asked again every 10 s.
        var again = Math.Max(1, (int)Math.Round(10 * scale)).ToString(CultureInfo.InvariantCulture);
        var delays = AzureDelays.Realistic(scale) with { CreateMachine = TimeSpan.Zero, Disk = TimeSpan.Zero, Attach = TimeSpan.FromSeconds(20) * scale };
        var scene = new AzureScene(await AzureSimulator.StartAsync(new AzureOptions { Delays = delays, RetryAfter = again }));
        await scene.Stage.MakeGroupAsync();
        await Task.WhenAll(Enumerable.Range(1, Machines).Select(scene.MakeAsync));
        return scene;
    }

    /// <summary>The machine that a host is inside of.</summary>
    public GuestHost Host(string machine) => new(Stage, machine);

    /// <summary>The service as the product knows it.</summary>
    public ServiceDescription Service()
    {
        var (authority, identity) = (Path.Combine(_folder, "authority.pem"), Path.Combine(_folder, "identity.pem"));
        File.WriteAllText(authority, Simulator.AuthorityPem);
        File.WriteAllText(identity, TestApplication.MakeIdentity());
        var address = Simulator.Endpoint.ToString().TrimEnd('/');
        var hosts = Moves.SelectMany(move => new[] { move.From, move.To }).Distinct().ToDictionary(name => name, name => new HostDescription { Name = name, Ssh = name }, StringComparer.Ordinal);
        return new ServiceDescription
        {
            Name = "orders",
            Path = Path.Combine(_folder, "orders.yaml"),
            Engine = "redis",
            Blue = new ClusterLayout(ClusterColour.Blue, "7.0", []),
            Green = new GreenDescription(),
            Hosts = hosts,
            Router = new RouterDescription("gateway", NodeEndpoint.Parse("127.0.0.1:6379"), string.Empty, new Dictionary<string, string>(StringComparer.Ordinal)),
            Volumes = [.. Moves.Select(move => Volume(move.Disk))],
            StateDirectory = Path.Combine(_folder, "state"),
            GuardDirectory = Path.Combine(_folder, "guard"),
            Azure = new AzureDescription
            {
                Environment = "simulated",
                Endpoint = address,
                Authority = address,
                Audience = address,
                CaFile = authority,
                ComputeApiVersion = "2024-03-01",
                Tenant = AzureSimulator.Tenant,
                Subscription = AzureSimulator.Subscription,
                ResourceGroup = "service",
                Credential = new AzureCredentialDescription { Kind = AzureCredentialKind.Certificate, ClientId = AzureSimulator.Principal, CertificateFile = identity },
            },
        };
    }

    /// <summary>A volume on a disk.</summary>
    public static VolumeDescription Volume(string disk) => new()
    {
        Name = disk,
        Node = disk,
        Uuid = GuestHost.UuidOf(disk),
        FileSystem = "xfs",
        MountPoint = $"/srv/{disk}",
        Provider = "azure",
        Disk = disk,
    };

    /// <summary>Fails unless every disk is where it was to go, and nothing happened that must not.</summary>
    public async Task VerifyAsync()
    {
        await Simulator.IdleAsync();
        foreach (var (disk, _, to) in Moves)
        {
            var owner = (await Stage.GetAsync(AzureStage.Disk(disk)))?["managedBy"]?.GetValue<string>();
            if (owner?.EndsWith("/" + to, StringComparison.OrdinalIgnoreCase) != true)
            {
                throw new InvalidOperationException($"{disk} is at {owner ?? "no machine"} and not at {to}.");
            }
        }

        Simulator.Verify();
    }

    public async ValueTask DisposeAsync()
    {
        Stage.Dispose();
        await Simulator.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task MakeAsync(int machine)
    {
        string[] disks = [.. Moves.Where(move => move.From == Text($"old-{machine}")).Select(move => move.Disk)];
        foreach (var disk in disks)
        {
            await Stage.MakeDiskAsync(disk);
        }

        await Stage.MakeMachineAsync(Text($"old-{machine}"), disks: disks);
        await Stage.MakeMachineAsync(Text($"new-{machine}"));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
