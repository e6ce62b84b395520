using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>Runs PostgreSQL's programs on a host, as the operating system's user that owns the data: the server refuses root.</summary>
/// <param name="host">The host.</param>
/// <param name="owner">User and group as <c>uid:gid</c>; null to stay who we are.</param>
internal sealed class PostgresProgram(IHost host, string? owner)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    /// <summary>User and group as <c>uid:gid</c>; null when that is us.</summary>
    public string? Owner => owner;

    /// <summary>As the owner of a folder, such as blue's data directory, when we may take its place.</summary>
    /// <exception cref="UpgradeException">The folder is not there, or belongs to somebody else whose place we may not take.</exception>
    public static async Task<PostgresProgram> AsOwnerOfAsync(string folder, IHost host, CancellationToken cancellationToken)
    {
        CommandResult status = await host.RunAsync(new HostCommand("stat", "-c", "%u:%g", folder), cancellationToken);
        CommandResult self = await host.RunAsync(new HostCommand("id", "-u"), cancellationToken);
        if (status.ExitCode != 0)
        {
            throw new UpgradeException("DataDirectoryMissing", $"{folder} is not there on host '{host.Name}', or cannot be looked at.", "Name the node's host and data directory as they are.", FailureCategory.NotFound) { Target = folder };
        }

        return As(status.Output.Trim(), folder, self.Output.Trim(), host);
    }

    /// <summary>As the user on a host who is called like the owner of blue's data directory on blue's: numbers of users differ from machine to machine.</summary>
    /// <exception cref="UpgradeException">The folder is not there, there is no such user, or we may not take its place.</exception>
    public static async Task<PostgresProgram> LikeOwnerOfAsync(string folder, Node blue, Node green, IHostDirectory hosts, CancellationToken cancellationToken)
    {
        IHost host = hosts[green.Host];
        if (green.Host == blue.Host)
        {
            return await AsOwnerOfAsync(folder, host, cancellationToken);
        }

        string name = (await new PostgresProgram(hosts[blue.Host], null).RunAsync(new HostCommand("stat", "-c", "%U", folder), cancellationToken)).Trim();
        CommandResult user = await host.RunAsync(new HostCommand("id", "-u", name), cancellationToken);
        CommandResult group = await host.RunAsync(new HostCommand("id", "-g", name), cancellationToken);
        CommandResult self = await host.RunAsync(new HostCommand("id", "-u"), cancellationToken);
        return user.ExitCode == 0
            ? As($"{user.Output.Trim()}:{group.Output.Trim()}", $"{folder} of {blue}", self.Output.Trim(), host)
            : throw new UpgradeException("ServerUserMissing", $"There is no user '{name}' on host '{host.Name}', as whom blue's server runs.", "Install the server's package there, or make the user.", FailureCategory.NotFound) { Target = name };
    }

    private static PostgresProgram As(string owner, string folder, string self, IHost host)
    {
        string user = owner.Split(':')[0];
        if (user == self)
        {
            return new PostgresProgram(host, null);
        }

        return self == "0"
            ? new PostgresProgram(host, owner)
            : throw new UpgradeException("WrongUser", $"{folder} belongs to user {user}, and we run as user {self} on host '{host.Name}'.", "Run as root, or as the user that the servers run as.", FailureCategory.AccessDenied) { Target = folder };
    }

    /// <summary>The command under that user.</summary>
    public HostCommand Wrap(HostCommand command) => owner?.Split(':') is not [var user, var group]
        ? command
        : command with { Program = "setpriv", Arguments = ["--reuid", user, "--regid", group, "--clear-groups", "--", command.Program, .. command.Arguments] };

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="UpgradeException">It failed; the message has what it said.</exception>
    public async Task<string> RunAsync(HostCommand command, CancellationToken cancellationToken)
    {
        CommandResult result = await host.RunAsync(Wrap(command with { Timeout = Longest }), cancellationToken);
        return result.ExitCode == 0
            ? result.Output
            : throw new UpgradeException("ProgramFailed", $"{Path.GetFileName(command.Program)} on host '{host.Name}' ended with {result.ExitCode}: {LastLines(result.Error + result.Output)}", "Mend what it names, then run the step again.") { Target = command.Program };
    }

    /// <summary>What a text says at its end.</summary>
    public static string LastLines(string text) => string.Join(" | ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(4));
}
