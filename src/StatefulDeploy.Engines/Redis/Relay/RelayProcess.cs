using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Redis.Relay;

/// <summary>Which process runs a relay.</summary>
internal static class RelayProcess
{
    /// <summary>The process that was started last; null when none was.</summary>
    public static async Task<ProcessIdentity?> FindAsync(string folder, IHost host, CancellationToken cancellationToken)
    {
        string? text = await host.ReadFileAsync(FileOf(folder), cancellationToken);
        return text is null ? null : ModelJson.Read<ProcessIdentity>(text);
    }

    /// <summary>Remembers the process.</summary>
    public static Task SaveAsync(string folder, ProcessIdentity process, IHost host, CancellationToken cancellationToken) =>
        host.WriteFileAsync(FileOf(folder), ModelJson.Write(process), UnixFileMode.UserRead | UnixFileMode.UserWrite, cancellationToken);

    private static string FileOf(string folder) => Path.Combine(folder, "process.json");
}
