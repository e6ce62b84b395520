using System.Diagnostics;
using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Hosts.Local;

namespace StatefulDeploy.Hosts.OpenSsh;

/// <summary>The system's ssh.</summary>
internal static class SshProgram
{
    // Nothing here says which keys of hosts are good, which user, key or way is taken: that is the user's own configuration.
    private static readonly string[] Always =
    [
        "-T",
        "-o", "BatchMode=yes",
        "-o", "LogLevel=ERROR",
        "-o", "ClearAllForwardings=yes",
        "-o", "PermitLocalCommand=no",
        "-o", "RemoteCommand=none",
        "-o", "ControlPersist=no",
        "-o", "EscapeChar=none",
    ];

    /// <summary>The one that makes the connection and serves it to the others.</summary>
    public static Process StartMaster(SshHostOptions options, string socket, string command) => Start(options,
    [
        .. Always, "-M", "-S", socket,
        "-o", string.Create(CultureInfo.InvariantCulture, $"ConnectTimeout={Math.Max(1, (int)options.ConnectTimeout.TotalSeconds)}"),
        "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3",
    ], command);

    /// <summary>A session over the connection, and never over one of its own: the way there leads nowhere.</summary>
    public static Process StartSession(SshHostOptions options, string socket, string command) => Start(options,
        [.. Always, "-S", socket, "-o", "ControlMaster=no", "-o", "ProxyCommand=false", "-o", "ProxyJump=none"], command);

    private static Process Start(SshHostOptions options, IReadOnlyList<string> arguments, string command)
    {
        IReadOnlyList<string> configuration = options.ConfigFile is { } file ? ["-F", file] : [];
        // A session of its own: Ctrl+C in a console reaches the whole group, and what we then undo needs the connection. (It has no terminal to ask at either.)
        return LocalCommand.Launch(
            new ProcessStartInfo(Find(options, "setsid"), [Find(options, "ssh"), .. configuration, .. arguments, "--", options.Destination, command])
            {
                UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            },
            "ssh");
    }

    private static string Find(SshHostOptions options, string program)
    {
        try
        {
            return ProgramFile.Find(new HostCommand(program));
        }
        catch (UpgradeException error)
        {
            throw new UpgradeException(
                "SshMissing",
                $"Host '{options.Name}' is reached by ssh, and there is no {program} on this machine.",
                "Install the OpenSSH client (openssh-client) and util-linux here.",
                FailureCategory.NotFound,
                error) { Target = program };
        }
    }
}
