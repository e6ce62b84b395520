using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Volumes;

namespace StatefulDeploy.Reuse;

/// <summary>What an upgrade notes on a volume, so that it goes where the volume goes: the snapshot of the old data, and whether the new server may have written its format.</summary>
/// <param name="UpgradeId">The upgrade.</param>
/// <param name="SnapshotId">The snapshot that was taken while the old server ran.</param>
/// <param name="Speed">How fast the volume was there.</param>
/// <param name="IsRewritten">Whether the new server was started on it: the old one cannot be trusted to read what is there now.</param>
internal sealed record TransferMark(string UpgradeId, string SnapshotId, VolumeSpeed Speed, bool IsRewritten)
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The mark of this upgrade; null when it has not touched the volume.</summary>
    internal static async Task<TransferMark?> FindAsync(VolumeDescription volume, string upgradeId, IHost host, CancellationToken cancellationToken) =>
        await host.ReadFileAsync(PathOn(volume), cancellationToken) is { } text && ModelJson.Read<TransferMark>(text) is { } mark && mark.UpgradeId == upgradeId ? mark : null;

    /// <summary>Writes it to disk.</summary>
    internal Task PutAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken) =>
        host.WriteFileAsync(PathOn(volume), ModelJson.Write(this) + "\n", Mode, cancellationToken);

    /// <summary>Removes it.</summary>
    internal static Task RemoveAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken) =>
        host.RequireAsync("rm", ["-f", PathOn(volume)], cancellationToken);

    private static string PathOn(VolumeDescription volume) => Path.Combine(volume.MountPoint, VolumeMark.Folder, "transfer.json");
}
