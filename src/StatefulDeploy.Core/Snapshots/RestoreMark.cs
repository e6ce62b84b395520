using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Snapshots;

/// <summary>Tells of a restore that is under way, so that one that was interrupted is finished and never taken for data.</summary>
/// <param name="SnapshotId">The snapshot.</param>
/// <param name="Replaced">The folder to which the old data goes.</param>
/// <param name="MovingIn">Whether the old data is out and the new is coming.</param>
internal sealed record RestoreMark(string SnapshotId, string Replaced, bool MovingIn)
{
    private static string PathIn(NodeStorage storage) => Path.Combine(storage.Work, "restore.json");

    internal static async Task<RestoreMark?> ReadAsync(NodeStorage storage, CancellationToken cancellationToken) =>
        await storage.Host.ReadFileAsync(PathIn(storage), cancellationToken) is { } text ? ModelJson.Read<RestoreMark>(text) : null;

    internal Task WriteAsync(NodeStorage storage, CancellationToken cancellationToken) =>
        storage.Host.WriteFileAsync(PathIn(storage), ModelJson.Write(this) + "\n", UnixFileMode.UserRead | UnixFileMode.UserWrite, cancellationToken);

    internal static async Task RemoveAsync(NodeStorage storage, CancellationToken cancellationToken) =>
        await Volumes.HostPrograms.RequireAsync(storage.Host, "rm", ["-f", PathIn(storage)], cancellationToken);

    /// <summary>Refuses to use data of which a restore is only half there.</summary>
    /// <exception cref="UpgradeException">It is.</exception>
    internal static async Task RequireNoneAsync(NodeStorage storage, CancellationToken cancellationToken)
    {
        if (await ReadAsync(storage, cancellationToken) is { } unfinished)
        {
            throw new UpgradeException("RestoreUnfinished", $"The restore of snapshot '{unfinished.SnapshotId}' to {storage.Node} was interrupted: '{storage.Data}' holds a part of it.", $"Finish it with Restore-ClusterSnapshot -SnapshotId {unfinished.SnapshotId}.", FailureCategory.WrongState) { Target = storage.Node.Name };
        }
    }
}
