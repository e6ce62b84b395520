using System.Globalization;
using StatefulDeploy.Harness.Processes;

namespace StatefulDeploy.Harness.Fleet;

/// <summary>
/// Machines on a switch of their own, each with an address, processes, mounts, users and a real sshd. All of it is namespaces held by processes of
/// the test: when they end, by disposal or by any death of the test run, addresses, links and mounts are gone with them.
/// </summary>
/// <remarks>
/// <code>
/// [ServerFact("fleet")]
/// public async Task …
/// {
///     var fleet = await bed.StartFleetAsync("blue1", "green1");
///     var blue = fleet["blue1"];
///     await blue.RunAsync("mkdir", "/srv/data");                  // in the machine, as root; /srv is its own disk
///     var redis = blue.Start("redis-server", "--bind", blue.Address, "--port", "6379");
///     var ssh = await TestProcess.RunAsync("ssh", ["-F", fleet.SshConfig, "blue1", "hostname"], within);
///     await blue.CutAsync();  await blue.HealAsync();             // its cable
///     await blue.CrashAsync();  await blue.StartAsync();          // its power: processes and mounts are gone, /srv is kept
/// }
/// </code>
/// The rest of the file system is the test machine's own, so that every program of it runs on each machine.
/// </remarks>
public sealed class TestFleet : IAsyncDisposable
{
    // 198.18.0.0/15 is set aside for tests of networks (RFC 2544), 512 networks of 254 addresses.
    private const int Networks = 512;
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    private readonly List<TestMachine> _machines = [];
    private TestProcess? _switch;
    private int _network = -1;

    /// <summary>Prepares one without machines.</summary>
    /// <param name="folder">Its folder, which exists.</param>
    public TestFleet(string folder)
    {
        Folder = folder;
        Keys = new FleetKeys(folder);
    }

    /// <summary>Keys, configurations and the machines' disks.</summary>
    public string Folder { get; }

    /// <summary>The configuration of ssh that knows every machine by name and logs in as root: <c>ssh -F</c>.</summary>
    public string SshConfig => Keys.SshConfig;

    /// <summary>The keys, and what ssh knows of the machines.</summary>
    public FleetKeys Keys { get; }

    /// <summary>The address by which machines reach the test process.</summary>
    public string OurAddress => AddressOf(1);

    /// <summary>All machines.</summary>
    public IReadOnlyList<TestMachine> Machines => _machines;

    /// <summary>What the sshds said.</summary>
    public string Log => string.Join('\n', _machines.Select(machine => machine.SshLog));

    /// <summary>A machine.</summary>
    /// <param name="name">Its name.</param>
    public TestMachine this[string name] => _machines.Single(machine => machine.Name == name);

    /// <summary>Makes the switch and the machines, and waits until each sshd listens.</summary>
    /// <param name="names">The machines' names.</param>
    public async Task<TestFleet> StartAsync(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        _switch = TestProcess.Start("unshare", ["--net", "sh", "-c", "ip link set lo up && ip link add name switch type bridge forward_delay 0 mcast_snooping 0 && ip link set switch up && echo ready && exec sleep infinity"]);
        await _switch.WaitForLineAsync("ready", Within);
        await PlugInAsync();
        await Keys.CreateAsync();
        foreach (var name in names)
        {
            _machines.Add(new TestMachine(this, name, AddressOf(_machines.Count + 2), _machines.Count + 2));
        }

        await Keys.WriteAsync(_machines);
        foreach (var machine in _machines)
        {
            await machine.StartAsync();
        }

        return this;
    }

    /// <summary>Between two machines every packet is lost from now on, in both directions; what else they reach they still reach.</summary>
    /// <param name="one">A machine.</param>
    /// <param name="other">Another one.</param>
    public static async Task CutAsync(TestMachine one, TestMachine other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        // A hardware address that nobody has: what is sent there arrives nowhere, and nobody is told.
        await one.RunAsync("ip", "neigh", "replace", other.Address, "lladdr", "02:53:00:00:00:00", "nud", "permanent", "dev", "eth0");
        await other.RunAsync("ip", "neigh", "replace", one.Address, "lladdr", "02:53:00:00:00:00", "nud", "permanent", "dev", "eth0");
    }

    /// <summary>Ends <see cref="CutAsync"/>.</summary>
    /// <param name="one">A machine.</param>
    /// <param name="other">The other one.</param>
    public static async Task HealAsync(TestMachine one, TestMachine other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        await one.RunAsync("ip", "neigh", "del", other.Address, "dev", "eth0");
        await other.RunAsync("ip", "neigh", "del", one.Address, "dev", "eth0");
    }

    /// <summary>Ends every machine and the switch.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var machine in Enumerable.Reverse(_machines))
        {
            await machine.DisposeAsync();
        }

        if (_switch is not null)
        {
            await _switch.DisposeAsync();
            _switch = null;
        }
    }

    /// <summary>Runs a command of the test machine itself.</summary>
    internal static async Task DoAsync(string program, params string[] arguments)
    {
        var (code, said) = await TestProcess.RunAsync(program, arguments, Within);
        if (code != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {code}: {said}");
        }
    }

    /// <summary>A cable from a machine to the switch.</summary>
    internal Task ConnectAsync(TestMachine machine, int process) => OnSwitchAsync(string.Create(
        CultureInfo.InvariantCulture,
        $"ip link del p{machine.Number} 2> /dev/null; ip link add p{machine.Number} type veth peer name eth0 address 02:53:{_network >> 8:x2}:{_network & 255:x2}:00:{machine.Number:x2} netns {process} && ip link set p{machine.Number} master switch up"));

    /// <summary>The cable of a machine, at the switch.</summary>
    internal Task SetLinkAsync(TestMachine machine, bool up) => OnSwitchAsync(string.Create(CultureInfo.InvariantCulture, $"ip link set p{machine.Number} {(up ? "up" : "down")}"));

    private Task OnSwitchAsync(string script) => DoAsync("nsenter", "--target", _switch!.Id.ToString(CultureInfo.InvariantCulture), "--net", "sh", "-c", script);

    private async Task PlugInAsync()
    {
        for (var attempt = 0; attempt < 50; attempt++)
        {
            // A link's name is given once: who makes it has the network of that number.
            _network = Random.Shared.Next(Networks);
            var process = _switch!.Id.ToString(CultureInfo.InvariantCulture);
            var (code, said) = await TestProcess.RunAsync("ip", ["link", "add", Link, "type", "veth", "peer", "name", "uplink", "netns", process], Within);
            if (code == 0)
            {
                await DoAsync("sh", "-c", $"ip addr add {OurAddress}/24 dev {Link} && ip link set {Link} up");
                await OnSwitchAsync("ip link set uplink master switch up");
                return;
            }

            if (!said.Contains("File exists", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"No network for the fleet: {said}");
            }
        }

        throw new InvalidOperationException("Every network for fleets is taken.");
    }

    private string Link => string.Create(CultureInfo.InvariantCulture, $"sdf{_network}");

    private string AddressOf(int number) => string.Create(CultureInfo.InvariantCulture, $"198.{18 + (_network >> 8)}.{_network & 255}.{number}");
}
