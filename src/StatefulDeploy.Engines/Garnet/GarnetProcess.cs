using System.Text.Json;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>A server that we have started, and the record by which it is found again.</summary>
internal static class GarnetProcess
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // With it set to 1 a client that waits in BLPOP holds up the thread that polls the connections of others as well: their requests are never
    // answered (2.2.2 and 2.2.8 on .NET 10).
    private static readonly Dictionary<string, string?> WithoutInlineCompletions = new(StringComparer.Ordinal) { ["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = null };
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>The record of a node's server; null when we have started none.</summary>
    public static async Task<ProcessIdentity?> FindAsync(string folder, IHost host, CancellationToken cancellationToken) =>
        await ReadAsync(folder, host, cancellationToken) is { } text ? JsonSerializer.Deserialize<ProcessIdentity>(text) : null;

    /// <summary>The same as text, which is another one after every start.</summary>
    public static Task<string?> ReadAsync(string folder, IHost host, CancellationToken cancellationToken) => host.ReadFileAsync(RecordOf(folder), cancellationToken);

    /// <summary>Starts a node's server unless it runs.</summary>
    public static async Task StartAsync(string program, string folder, IHost host, CancellationToken cancellationToken)
    {
        if (await FindAsync(folder, host, cancellationToken) is { } known && await host.IsRunningAsync(known, cancellationToken))
        {
            return;
        }

        HostCommand command = new(program, "--config-import-path", GarnetConfiguration.Locate(folder)) { WorkingFolder = folder, Environment = WithoutInlineCompletions };
        ProcessIdentity process = await host.StartDetachedAsync(command, LogOf(folder), cancellationToken);
        await host.WriteFileAsync(RecordOf(folder), JsonSerializer.Serialize(process), Private, cancellationToken);
    }

    /// <summary>Ends a node's server when we have started it.</summary>
    /// <returns>Whether we had started it.</returns>
    public static async Task<bool> StopAsync(string folder, IHost host, CancellationToken cancellationToken)
    {
        if (await FindAsync(folder, host, cancellationToken) is not { } known)
        {
            return false;
        }

        await host.StopAsync(known, Grace, cancellationToken);
        return true;
    }

    /// <summary>What the server has said last, for messages.</summary>
    public static async Task<string> LastWordsAsync(Node node, string folder, IHost host, CancellationToken cancellationToken)
    {
        string log = await host.ReadFileAsync(LogOf(folder), cancellationToken) ?? string.Empty;
        string? line = log.Split('\n').LastOrDefault(text => text.Contains("fail:", StringComparison.Ordinal) || text.Contains("xception", StringComparison.Ordinal));
        return line is null ? $"see '{LogOf(folder)}' on {node.Host}" : line.Trim();
    }

    private static string RecordOf(string folder) => Path.Combine(folder, "process.json");

    private static string LogOf(string folder) => Path.Combine(folder, "server.log");
}
