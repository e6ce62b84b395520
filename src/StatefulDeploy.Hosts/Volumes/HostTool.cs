using StatefulDeploy.Contracts;

namespace StatefulDeploy.Hosts.Volumes;

/// <summary>Programs of a Linux system, with messages in English and found where an ordinary user's search path does not look.</summary>
internal static class HostTool
{
    private static readonly Dictionary<string, string?> Plain = new(StringComparer.Ordinal)
    {
        ["LC_ALL"] = "C",
        ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    };

    public static HostCommand Command(string program, params IReadOnlyList<string> arguments) => new(program, arguments) { Environment = Plain };

    public static async Task<string> RequireAsync(IHost host, string errorId, string target, HostCommand command, CancellationToken cancellationToken)
    {
        var result = await host.RunAsync(command, cancellationToken);
        return result.ExitCode == 0
            ? result.Output
            : throw new UpgradeException(errorId, $"'{command.Program} {string.Join(' ', command.Arguments)}' failed on host '{host.Name}' with exit code {result.ExitCode}: {Said(result)}", "Mend what the message names, then do it again.") { Target = target };
    }

    public static string Said(CommandResult result)
    {
        var text = result.Error.Trim().Length > 0 ? result.Error : result.Output;
        return string.Join(' ', text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }
}
