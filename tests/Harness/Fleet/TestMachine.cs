using System.Globalization;
using StatefulDeploy.Harness.Processes;

namespace StatefulDeploy.Harness.Fleet;

/// <summary>One machine of a <see cref="TestFleet"/>.</summary>
public sealed class TestMachine : IAsyncDisposable
{
    /// <summary>A user of every machine who is not root; its home is /srv/home/deploy and it may not use sudo unless <see cref="WriteSudoersAsync"/> says so.</summary>
    public const string PlainUser = "deploy";

    // The first process of the machine: it takes in what its parents left, and the machine is gone with it.
    // $1 is the machine's folder, $2 its name, $3 the keys' folder.
    private const string Boot = """
        set -e
        hostname "$2"
        mount --bind "$1/disk" /srv
        mount -t tmpfs -o mode=755 tmpfs /run
        mkdir -p /run/sshd /run/lock
        mount --bind "$1/etc/passwd" /etc/passwd
        mount --bind "$1/etc/group" /etc/group
        mount --bind "$1/etc/shadow" /etc/shadow
        mount --bind "$1/etc/sudoers" /etc/sudoers
        mount --bind "$3/hosts" /etc/hosts
        touch /run/authorized_keys
        mount --bind "$3/authorized_keys" /run/authorized_keys
        ip link set lo up
        echo ready
        sleep infinity &
        wait
        """;

    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    private readonly TestFleet _fleet;
    private readonly string _folder;
    private TestProcess? _power;

    internal TestMachine(TestFleet fleet, string name, string address, int number)
    {
        _fleet = fleet;
        Name = name;
        Address = address;
        Number = number;
        _folder = Directory.CreateDirectory(Path.Combine(fleet.Folder, name)).FullName;
        Directory.CreateDirectory(Path.Combine(_folder, "etc"));
        Directory.CreateDirectory(Path.Combine(Disk, "home", PlainUser));
        Directory.CreateDirectory(Path.Combine(Disk, "home", "root"));
        WriteUsers();
    }

    /// <summary>Its name, and its host name.</summary>
    public string Name { get; }

    /// <summary>Its address.</summary>
    public string Address { get; }

    /// <summary>Where its /srv is on the test machine. It survives <see cref="CrashAsync"/>; root's home there is /srv/home/root.</summary>
    public string Disk => Path.Combine(_folder, "disk");

    /// <summary>Its first process: entering that one's namespaces is being on the machine (<see cref="ProcessOptions.Inside"/>).</summary>
    public int Process { get; private set; }

    /// <summary>What its sshd said.</summary>
    public string SshLog => File.Exists(SshLogFile) ? File.ReadAllText(SshLogFile) : string.Empty;

    internal int Number { get; }

    private string SshLogFile => Path.Combine(_folder, "sshd.log");

    /// <summary>Runs a command on it, as root and past ssh, to its end.</summary>
    /// <param name="program">Its path, or its name on the PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>What it said.</returns>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task<string> RunAsync(string program, params string[] arguments)
    {
        var (code, said) = await TryRunAsync(program, arguments);
        return code == 0 ? said : throw new InvalidOperationException($"{Name}: {program} {string.Join(' ', arguments)} ended with {code}: {said}");
    }

    /// <summary>Runs a command on it, as root and past ssh, to its end, whatever that is.</summary>
    /// <param name="program">Its path, or its name on the PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>Its exit code and what it said.</returns>
    public Task<(int ExitCode, string Output)> TryRunAsync(string program, params string[] arguments) =>
        TestProcess.RunAsync(program, arguments, Within, Here(null));

    /// <summary>Starts a program on it, as root and past ssh. It is the caller's to end, and ends with the machine.</summary>
    /// <param name="program">Its path, or its name on the PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    public TestProcess Start(string program, params string[] arguments) => TestProcess.Start(program, arguments, Here(null));

    /// <summary>Starts a program on it, as root and past ssh.</summary>
    /// <param name="options">Environment and folder.</param>
    /// <param name="program">Its path, or its name on the PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    public TestProcess Start(ProcessOptions options, string program, params string[] arguments) => TestProcess.Start(program, arguments, Here(options));

    /// <summary>Starts one of our own programs on it, as root and past ssh.</summary>
    /// <param name="options">Environment and folder.</param>
    /// <param name="assembly">Its name, such as <c>statefuldeploy</c>.</param>
    /// <param name="arguments">Its arguments.</param>
    public TestProcess StartDotnet(ProcessOptions options, string assembly, params string[] arguments) => TestProcess.StartDotnet(assembly, arguments, Here(options));

    /// <summary>Pulls its cable: nothing reaches it and nothing leaves it, and nobody is told.</summary>
    public Task CutAsync() => _fleet.SetLinkAsync(this, up: false);

    /// <summary>Puts the cable back.</summary>
    public Task HealAsync() => _fleet.SetLinkAsync(this, up: true);

    /// <summary>Takes its power away: all its processes end at once, and its mounts with them. /srv stays.</summary>
    public async Task CrashAsync()
    {
        await _power!.DisposeAsync();
        _power = null;
        // The parent of its first process is gone, so nobody collects that one: it is dead when it has no memory any more.
        await TestBed.WaitUntilAsync(() => Task.FromResult(IsDead(Process)), $"{Name} is off", Within);
    }

    /// <summary>Boots it, with the same name, address and /srv as before.</summary>
    public async Task StartAsync()
    {
        _power = TestProcess.Start("unshare", ["--net", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-c", Boot, "boot", _folder, Name, Path.GetDirectoryName(_fleet.SshConfig)!]);
        await _power.WaitForLineAsync("ready", Within);
        Process = int.Parse((await File.ReadAllTextAsync($"/proc/{_power.Id}/task/{_power.Id}/children")).Trim(), CultureInfo.InvariantCulture);
        await _fleet.ConnectAsync(this, Process);
        await RunAsync("sh", "-c", $"ip addr add {Address}/24 dev eth0 && ip link set eth0 up && ip route add default via {_fleet.OurAddress}");
        await StartSshAsync();
    }

    /// <summary>Starts its sshd and waits until it listens.</summary>
    /// <param name="settings">Lines of its configuration before ours, which win.</param>
    public async Task StartSshAsync(params string[] settings)
    {
        var configuration = Path.Combine(_folder, "sshd_config");
        await File.WriteAllTextAsync(configuration, $"""
            {string.Join('\n', settings)}
            ListenAddress {Address}
            HostKey {_fleet.Keys.HostKey(this)}
            AuthorizedKeysFile /run/authorized_keys
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password
            UsePAM no
            StrictModes no
            PidFile /run/sshd.pid
            """ + "\n");
        // It goes to the background when it listens.
        await RunAsync("/usr/sbin/sshd", "-f", configuration, "-E", SshLogFile);
    }

    /// <summary>Ends its sshd; the sessions go on.</summary>
    public async Task StopSshAsync()
    {
        await RunAsync("sh", "-c", "kill $(cat /run/sshd.pid)");
        await TestBed.WaitUntilAsync(async () => (await TryRunAsync("sh", "-c", "kill -0 $(cat /run/sshd.pid)")).ExitCode != 0, $"the sshd of {Name} has ended", Within);
    }

    /// <summary>Gives it another host key, which ssh does not know: as if another machine had its address.</summary>
    public async Task ChangeHostKeyAsync()
    {
        await StopSshAsync();
        await _fleet.Keys.CreateKeyAsync(FleetKeys.HostKeyName(this));
        await StartSshAsync();
    }

    /// <summary>Lets users of it use sudo.</summary>
    /// <param name="lines">Lines of /etc/sudoers.</param>
    public Task WriteSudoersAsync(params string[] lines) =>
        // Its content only: the file is mounted into the machine.
        RunAsync("sh", "-c", "printf '%s\\n' \"$@\" > /etc/sudoers", "sh", string.Join('\n', lines));

    /// <summary>Ends it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_power is not null)
        {
            await CrashAsync();
        }
    }

    private static bool IsDead(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] is 'Z' or 'X';
        }
        catch (IOException)
        {
            return true;
        }
    }

    private ProcessOptions Here(ProcessOptions? options) => (options ?? new ProcessOptions { WorkingDirectory = "/srv" }) with { Inside = Process };

    private void WriteUsers()
    {
        var users = File.ReadAllLines("/etc/passwd").Where(line => !line.StartsWith("root:", StringComparison.Ordinal));
        File.WriteAllLines(Path.Combine(_folder, "etc", "passwd"), ["root:x:0:0:root:/srv/home/root:/bin/bash", .. users, $"{PlainUser}:x:4200:4200::/srv/home/{PlainUser}:/bin/bash"]);
        File.WriteAllLines(Path.Combine(_folder, "etc", "group"), [.. File.ReadAllLines("/etc/group"), $"{PlainUser}:x:4200:"]);
        File.WriteAllLines(Path.Combine(_folder, "etc", "shadow"), ["root:*:19000:0:99999:7:::", $"{PlainUser}:*:19000:0:99999:7:::"]);
        File.WriteAllText(Path.Combine(_folder, "etc", "sudoers"), "root ALL=(ALL:ALL) NOPASSWD: ALL\n");
        File.SetUnixFileMode(Path.Combine(_folder, "etc", "sudoers"), UnixFileMode.UserRead | UnixFileMode.GroupRead);
        OwnedFile.Give(Path.Combine(Disk, "home", PlainUser), 4200);
    }
}
