namespace StatefulDeploy.Hosts.OpenSsh;

/// <summary>How a host is reached by ssh. What is not said here is as the user's own configuration of ssh has it: user, port, keys, jump hosts, known hosts.</summary>
public sealed record SshHostOptions
{
    /// <summary>The name of the host in the service file.</summary>
    public required string Name { get; init; }

    /// <summary>What ssh is given: an address, a name of ssh's configuration, or <c>user@</c> either of them.</summary>
    public required string Destination { get; init; }

    /// <summary>A configuration file of ssh instead of the user's; null for the user's.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Whether commands and files are done as root by <c>sudo -n</c>; the commands it must allow are those of <see cref="SudoCommands"/> and the servers' own.</summary>
    public bool Sudo { get; init; }

    /// <summary>How many commands run on it at once, over its one connection. An sshd allows ten sessions on a connection unless its <c>MaxSessions</c> says otherwise.</summary>
    public int Sessions { get; init; } = 8;

    /// <summary>How long a connection may take, in whole seconds at least one.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The programs that sudo must allow without a password where <see cref="Sudo"/> is set, besides the servers' programs: what files and processes are managed with.</summary>
    public static IReadOnlyList<string> SudoCommands { get; } = ["cat", "chmod", "chown", "cp", "id", "kill", "mkdir", "mv", "rm", "setsid", "sha256sum", "stat", "sync", "tee", "test"];
}
