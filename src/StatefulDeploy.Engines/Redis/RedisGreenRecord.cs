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

    /// <summary>Reads the record of a node's folder; null when there is none.</summary>
    public static async Task<RedisGreenRecord?> FindAsync(Node node, string service, IHost host, CancellationToken cancellationToken)
    {
        string? text = node.DataDirectory is null ? null : await host.ReadFileAsync(Path.Combine(node.DataDirectory, FileName), cancellationToken);
        RedisGreenRecord? record = text is null ? null : JsonSerializer.Deserialize<RedisGreenRecord>(text);
        return record?.Service == service && record.Node == node.Name ? record : null;
    }

    /// <summary>Writes the record to the node's folder.</summary>
    public Task SaveAsync(string folder, IHost host, CancellationToken cancellationToken) =>
        host.WriteFileAsync(Path.Combine(folder, FileName), JsonSerializer.Serialize(this), UnixFileMode.UserRead | UnixFileMode.UserWrite, cancellationToken);
}
