using System.Diagnostics;
using System.Globalization;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Cli.Demo.Fleet;

/// <summary>Machines of namespaces on a switch of their own, each with an address, mounts, processes and a real sshd; this process is one of them. And disks that each of them can have.</summary>
internal sealed class DemoFleet(IHost host, string folder) : IAsyncDisposable
{
    public const string Sshd = "/usr/sbin/sshd";

    private const int Megabytes = 320;
    private static readonly TimeSpan BootsWithin = TimeSpan.FromSeconds(30);

    // The machine ends when its standard input does, so that it never outlives us, however we end.
    // $1 is its name, $2 its address, $3 sshd's configuration, $4 sshd's log, $5 its users: what the user's own shell does at its start is not for machines.
    private const string Boot = """
        set -e
        hostname "$1"
        mount -t tmpfs -o mode=755 tmpfs /run
        mkdir -p /run/sshd
        mount --bind "$5" /etc/passwd
        ip link set lo up
        until ip link show eth0 > /dev/null 2>&1; do sleep 0.05; done
        ip addr add "$2/24" dev eth0
        ip link set eth0 up
        /usr/sbin/sshd -f "$3" -E "$4"
        echo ready
        cat > /dev/null
        """;

    private readonly List<Process> _machines = [];
    private readonly List<string> _disks = [];
    private readonly List<string> _mounts = [];

    /// <summary>The address of this process's machine.</summary>
    public static string OurAddress => AddressOf(1);

    /// <summary>The configuration of ssh that knows every machine by name.</summary>
    public string SshConfig => Path.Combine(folder, "ssh", "config");

    /// <summary>The address of the machine that was made as the n-th.</summary>
    public static string AddressOf(int number) => string.Create(CultureInfo.InvariantCulture, $"198.18.0.{number}");

    /// <summary>Makes the switch, the keys and the machines.</summary>
    public async Task StartAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        await DoAsync(host, ["sh", "-c", $"ip link set lo up && ip link add switch type bridge forward_delay 0 mcast_snooping 0 && ip addr add {OurAddress}/24 dev switch && ip link set switch up"], cancellationToken);
        Directory.CreateDirectory(Path.Combine(folder, "ssh"));
        await KeyAsync("identity", cancellationToken);
        var users = (await File.ReadAllLinesAsync("/etc/passwd", cancellationToken)).Where(line => !line.StartsWith("root:", StringComparison.Ordinal));
        await File.WriteAllLinesAsync(KeyOf("passwd"), users.Prepend($"root:x:0:0:root:{Path.Combine(folder, "ssh")}:/bin/sh"), cancellationToken);
        var known = new List<string>();
        var config = new List<string>();
        foreach (var (name, number) in names.Select((name, at) => (name, at + 2)))
        {
            await KeyAsync(name, cancellationToken);
            known.Add($"{AddressOf(number)} {(await File.ReadAllTextAsync(KeyOf(name) + ".pub", cancellationToken)).Trim()}");
            config.Add($"Host {name}\n  HostName {AddressOf(number)}");
            await BootAsync(name, number, cancellationToken);
        }

        config.Add($"Host *\n  User root\n  IdentityFile {KeyOf("identity")}\n  IdentitiesOnly yes\n  UserKnownHostsFile {KeyOf("known_hosts")}\n  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n  UpdateHostKeys no\n  IdentityAgent none");
        await File.WriteAllLinesAsync(KeyOf("known_hosts"), known, cancellationToken);
        await File.WriteAllLinesAsync(SshConfig, config, cancellationToken);
    }

    /// <summary>Makes a disk with an xfs, and attaches and mounts it on a machine, as the provider 'image' would.</summary>
    /// <returns>Its UUID.</returns>
    public async Task<string> MakeDiskAsync(string image, IHost machine, string mountPoint, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(image)!);
        await using (var file = File.Create(image))
            file.SetLength((long)Megabytes << 20);
        var uuid = Guid.NewGuid().ToString();
        await DoAsync(host, ["mkfs.xfs", "-q", "-m", $"uuid={uuid}", image], cancellationToken);
        _disks.Add(image);
        _mounts.Add(mountPoint);
        await File.WriteAllTextAsync(image + ".attached", machine.Name + "\n", cancellationToken);
        Directory.CreateDirectory(mountPoint);
        await DoAsync(machine, ["sh", "-c", $"mount \"$(losetup --find --show '{image}')\" '{mountPoint}'"], cancellationToken);
        return uuid;
    }

    /// <summary>Ends the machines, and with them their mounts; then ours, and the loop devices.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var machine in _machines)
        {
            machine.StandardInput.Close();
            await machine.WaitForExitAsync();
            machine.Dispose();
        }

        // What was never mounted here, or not any more, is no matter.
        foreach (var mount in _mounts)
            await host.RunAsync(new HostCommand("umount", "--lazy", mount), CancellationToken.None);
        foreach (var disk in _disks)
            await host.RunAsync(new HostCommand("sh", "-c", $"losetup --noheadings --output NAME --associated '{disk}' | xargs --no-run-if-empty --max-args 1 losetup --detach"), CancellationToken.None);
    }

    private async Task BootAsync(string name, int number, CancellationToken cancellationToken)
    {
        var configuration = KeyOf(name) + ".sshd";
        await File.WriteAllTextAsync(configuration, $"ListenAddress {AddressOf(number)}\nHostKey {KeyOf(name)}\nAuthorizedKeysFile {KeyOf("identity")}.pub\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nUsePAM no\nStrictModes no\nPidFile /run/sshd.pid\n", cancellationToken);
        var start = new ProcessStartInfo("unshare") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in new[] { "--net", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-c", Boot, "boot", name, AddressOf(number), configuration, configuration + ".log", KeyOf("passwd") })
            start.ArgumentList.Add(argument);
        var machine = Process.Start(start)!;
        _machines.Add(machine);
        await ConnectAsync(machine, number, cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(BootsWithin);
        if (await machine.StandardOutput.ReadLineAsync(limit.Token) != "ready")
            throw new UpgradeException("MachineDidNotStart", $"The machine '{name}' of the demo did not start.", $"Read '{configuration}.log'; --keep leaves it there.");
    }

    // It has a network of its own a moment after it was started; a cable that was plugged into ours before that is no cable.
    private async Task ConnectAsync(Process machine, int number, CancellationToken cancellationToken)
    {
        var ours = File.ResolveLinkTarget("/proc/self/ns/net", returnFinalTarget: false)?.Name;
        while (!machine.HasExited && new FileInfo($"/proc/{machine.Id}/ns/net").LinkTarget is { } theirs && Path.GetFileName(theirs) == ours)
            await Task.Delay(10, cancellationToken);
        await DoAsync(host, ["sh", "-c", string.Create(CultureInfo.InvariantCulture, $"ip link add p{number} type veth peer name eth0 netns {machine.Id} && ip link set p{number} master switch up")], cancellationToken);
    }

    private Task KeyAsync(string name, CancellationToken cancellationToken) =>
        DoAsync(host, ["ssh-keygen", "-q", "-t", "ed25519", "-N", string.Empty, "-C", name, "-f", KeyOf(name)], cancellationToken);

    private string KeyOf(string name) => Path.Combine(folder, "ssh", name);

    private static async Task DoAsync(IHost machine, string[] command, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };
        var result = await machine.RunAsync(new HostCommand(command[0], command[1..]) { Environment = environment }, cancellationToken);
        if (result.ExitCode != 0)
            throw new UpgradeException("FleetNotMade", $"'{string.Join(' ', command)}' failed with exit code {result.ExitCode}: {(result.Error + result.Output).Trim()}", "See what the message names; the demo of Mirror needs no machines of its own.");
    }
}
