using System.Text.Json;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>What provisioning leaves beside a node's data directory, which initdb wants empty: that it is ours, and which process runs it.</summary>
/// <param name="Service">The service.</param>
/// <param name="Node">The node's name.</param>
/// <param name="Initialized">Whether the folder was made to its end.</param>
/// <param name="Process">The server's process; null before it was started.</param>
internal sealed record PostgresGreenRecord(string Service, string Node, bool Initialized, ProcessIdentity? Process)
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(1);

    /// <summary>Reads the record of a node; null when there is none.</summary>
    public static async Task<PostgresGreenRecord?> FindAsync(Node node, string service, IHost host, CancellationToken cancellationToken)
    {
        string? text = node.DataDirectory is null ? null : await host.ReadFileAsync(FileOf(node), cancellationToken);
        PostgresGreenRecord? record = text is null ? null : JsonSerializer.Deserialize<PostgresGreenRecord>(text);
        return record?.Service == service && record.Node == node.Name ? record : null;
    }

    /// <summary>Where the output of a node's server goes.</summary>
    public static string LogOf(Node node) => node.DataDirectory!.TrimEnd('/') + ".log";

    /// <summary>Writes the record.</summary>
    public Task SaveAsync(Node node, IHost host, CancellationToken cancellationToken) =>
        host.WriteFileAsync(FileOf(node), JsonSerializer.Serialize(this), UnixFileMode.UserRead | UnixFileMode.UserWrite, cancellationToken);

    /// <summary>Ends the server and removes what was made. Its data is not wanted.</summary>
    public async Task DiscardAsync(Node node, IHost host, CancellationToken cancellationToken)
    {
        if (await FindServerAsync(node, host, cancellationToken) is { } server)
        {
            // Quit: at once, without waiting for sessions. Its children end when they see it gone.
            await host.RunAsync(new HostCommand("kill", "-QUIT", server), cancellationToken);
        }

        if (Process is not null)
        {
            await host.StopAsync(Process, StopGrace, cancellationToken);
        }

        await host.RunAsync(new HostCommand("rm", "-rf", node.DataDirectory!), cancellationToken);
        await host.RunAsync(new HostCommand("rm", "-f", LogOf(node), FileOf(node)), cancellationToken);
    }

    /// <summary>The number of a node's server, whoever has started it last, we or somebody after a crash; null when none runs. A number that another process has by now is not taken for it.</summary>
    public static async Task<string?> FindServerAsync(Node node, IHost host, CancellationToken cancellationToken)
    {
        string id = (await host.ReadFileAsync(Path.Combine(node.DataDirectory!, "postmaster.pid"), cancellationToken) ?? string.Empty).Split('\n')[0].Trim();
        return id.Length > 0 && (await host.RunAsync(new HostCommand("readlink", $"/proc/{id}/cwd"), cancellationToken)).Output.Trim() == node.DataDirectory!.TrimEnd('/') ? id : null;
    }

    private static string FileOf(Node node) => node.DataDirectory!.TrimEnd('/') + ".statefuldeploy.json";
}
