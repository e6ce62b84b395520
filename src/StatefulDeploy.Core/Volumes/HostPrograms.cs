using StatefulDeploy.Contracts;

namespace StatefulDeploy.Volumes;

/// <summary>Programs on a host whose failure is ours too.</summary>
internal static class HostPrograms
{
    // What a file system is asked for can take as long as its disk: the caller's token is the real bound.
    private static readonly TimeSpan Patience = TimeSpan.FromHours(12);

    /// <summary>Runs a program to its end, however it ends.</summary>
    internal static Task<CommandResult> TryAsync(this IHost host, string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        host.RunAsync(new HostCommand(program, arguments) { Timeout = Patience, Environment = Plain }, cancellationToken);

    /// <summary>Runs a program and returns what it wrote.</summary>
    /// <exception cref="UpgradeException">It failed.</exception>
    internal static async Task<string> RequireAsync(this IHost host, string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await host.TryAsync(program, arguments, cancellationToken);
        return result.ExitCode == 0 ? result.Output : throw Failed(host, program, arguments, result);
    }

    internal static UpgradeException Failed(IHost host, string program, IReadOnlyList<string> arguments, CommandResult result) => new(
        "HostProgramFailed",
        $"'{program} {string.Join(' ', arguments)}' failed on host '{host.Name}' with exit code {result.ExitCode}: {Said(result)}",
        "Mend what the message names, then do it again.")
    { Target = host.Name };

    /// <summary>What a program said, in one line.</summary>
    internal static string Said(CommandResult result)
    {
        var text = result.Error.Trim().Length > 0 ? result.Error : result.Output;
        return string.Join(' ', text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    /// <summary>Messages in English, so that they can be read; and the folders in which a system's own programs lie, which an ordinary user's search path lacks.</summary>
    private static Dictionary<string, string?> Plain { get; } = new(StringComparer.Ordinal)
    {
        ["LC_ALL"] = "C",
        ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    };
}
