using System.Text.Json;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Redis;

/// <summary>What provisioning leaves in a node's folder: that it is ours, and which process runs it.</summary>
/// <param name="Service">The service.</param>
/// <param name="Node">The node's name.</param>
/// <param name="Process">The server's process; null before it was started.</param>
internal sealed record RedisGreenRecord(string Service, string Node, ProcessIdentity? Process)
{
    private const string FileName = "statefuldeploy.json";
    private const int RemoveAttempts = 30;
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    /// <summary>The folder of what is made for a node: its data's, unless that comes with a volume.</summary>
    public static string? FolderOf(Node node) => node.WorkDirectory ?? node.DataDirectory;

    /// <summary>Reads the record of a node's folder; null when there is none.</summary>
    public static async Task<RedisGreenRecord?> FindAsync(Node node, string service, IHost host, CancellationToken cancellationToken)
    {
        string? text = FolderOf(node) is { } folder ? await host.ReadFileAsync(Path.Combine(folder, FileName), cancellationToken) : null;
        RedisGreenRecord? record = text is null ? null : JsonSerializer.Deserialize<RedisGreenRecord>(text);
        return record?.Service == service && record.Node == node.Name ? record : null;
    }

    /// <summary>Ends the server and removes its folder. Its data is not wanted: one that takes long to save it is ended by force.</summary>
    public async Task DiscardAsync(string folder, IHost host, CancellationToken cancellationToken)
    {
        if (Process is not null)
        {
            await host.StopAsync(Process, StopGrace, cancellationToken);
        }

        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await host.RemoveFolderAsync(folder, cancellationToken);
                return;
            }
            catch (UpgradeException) when (attempt < RemoveAttempts)
            {
                // A saving child of the server may outlive it by a moment.
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
            }
        }
    }

    /// <summary>Writes the record to the node's folder.</summary>
    public Task SaveAsync(string folder, IHost host, CancellationToken cancellationToken) =>
        host.WriteFileAsync(Path.Combine(folder, FileName), JsonSerializer.Serialize(this), UnixFileMode.UserRead | UnixFileMode.UserWrite, cancellationToken);
}
