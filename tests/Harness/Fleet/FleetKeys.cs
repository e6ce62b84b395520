using System.Globalization;

namespace StatefulDeploy.Harness.Fleet;

/// <summary>The keys of a fleet: the one that logs in, one for each machine, and what ssh knows of them. Nothing of the user's own is read or changed.</summary>
public sealed class FleetKeys
{
    private readonly string _folder;

    internal FleetKeys(string folder) => _folder = Directory.CreateDirectory(Path.Combine(folder, "ssh")).FullName;

    /// <summary>The private key that logs in on every machine, as root and as <see cref="TestMachine.PlainUser"/>.</summary>
    public string Identity => Path.Combine(_folder, "identity");

    /// <summary>The keys that every machine accepts. It is mounted into the machines: change what is in it, and do not replace it.</summary>
    public string AuthorizedKeys => Path.Combine(_folder, "authorized_keys");

    /// <summary>What ssh knows of the machines' keys.</summary>
    public string KnownHosts => Path.Combine(_folder, "known_hosts");

    /// <summary>The configuration of ssh.</summary>
    public string SshConfig => Path.Combine(_folder, "config");

    /// <summary>Writes another configuration of ssh for the same machines.</summary>
    /// <param name="name">Its file name.</param>
    /// <param name="before">Lines before ours, which win.</param>
    /// <returns>Its path.</returns>
    public string WriteConfig(string name, params string[] before)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, string.Join('\n', before) + "\n" + File.ReadAllText(SshConfig));
        return path;
    }

    /// <summary>Makes a key that no machine accepts, unless its public half is added to <see cref="AuthorizedKeys"/>.</summary>
    /// <param name="name">Its file name.</param>
    /// <returns>Its path.</returns>
    public async Task<string> CreateKeyAsync(string name)
    {
        var path = Path.Combine(_folder, name);
        File.Delete(path);
        await TestFleet.DoAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", string.Empty, "-C", name, "-f", path);
        return path;
    }

    internal static string HostKeyName(TestMachine machine) => $"host-{machine.Name}";

    internal string HostKey(TestMachine machine) => Path.Combine(_folder, HostKeyName(machine));

    internal async Task CreateAsync()
    {
        await CreateKeyAsync("identity");
        File.Copy(Identity + ".pub", AuthorizedKeys);
        // sshd reads it as the user who logs in.
        File.SetUnixFileMode(AuthorizedKeys, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    internal async Task WriteAsync(IReadOnlyList<TestMachine> machines)
    {
        var known = new List<string>();
        var config = new List<string>();
        foreach (var machine in machines)
        {
            await CreateKeyAsync(HostKeyName(machine));
            known.Add($"{machine.Address} {await File.ReadAllTextAsync(HostKey(machine) + ".pub")}".TrimEnd());
            config.Add(string.Create(CultureInfo.InvariantCulture, $"Host {machine.Name}\n  HostName {machine.Address}"));
        }

        config.Add($"""
            Host *
              User root
              IdentityFile {Identity}
              IdentitiesOnly yes
              UserKnownHostsFile {KnownHosts}
              GlobalKnownHostsFile /dev/null
              StrictHostKeyChecking yes
              UpdateHostKeys no
              IdentityAgent none
            """);
        await File.WriteAllLinesAsync(KnownHosts, known);
        await File.WriteAllLinesAsync(SshConfig, config);
        await File.WriteAllLinesAsync(Path.Combine(_folder, "hosts"), ["127.0.0.1 localhost", .. machines.Select(machine => $"{machine.Address} {machine.Name}")]);
    }
}
