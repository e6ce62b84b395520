using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Redis.Relay;

/// <summary>What a relay process last said about a shard.</summary>
/// <param name="Phase">Where it stands.</param>
/// <param name="Message">Why it broke; empty otherwise.</param>
internal sealed record RelayState(RelayPhase Phase, string Message)
{
    /// <summary>Reads a shard's state; null when nothing was said yet.</summary>
    public static async Task<RelayState?> FindAsync(string folder, string shard, IHost host, CancellationToken cancellationToken)
    {
        string? text = await host.ReadFileAsync(FileOf(folder, shard), cancellationToken);
        return text is null ? null : ModelJson.Read<RelayState>(text);
    }

    /// <summary>Writes a shard's state, durable.</summary>
    public Task SaveAsync(string folder, string shard, IHost host, CancellationToken cancellationToken) =>
        host.WriteFileAsync(FileOf(folder, shard), ModelJson.Write(this), UnixFileMode.UserRead | UnixFileMode.UserWrite, cancellationToken);

    private static string FileOf(string folder, string shard) => Path.Combine(folder, $"{shard}.state.json");
}
