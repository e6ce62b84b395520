using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Volumes;

namespace StatefulDeploy.Snapshots;

/// <summary>
/// Puts a snapshot in the place of a node's data: unpacked and counted beside it, then exchanged by renaming. What was there stays aside.
/// Interrupted anywhere, it is finished by doing it again.
/// </summary>
internal sealed class SnapshotRestore(VolumeScene scene, SnapshotTaking taking, TimeProvider clock)
{
    internal const string ReplacedStart = "replaced-";
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Restores a snapshot.</summary>
    /// <returns>The folder with what was there before.</returns>
    internal async Task<string> RunAsync(NodeStorage storage, ClusterSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (storage.Volume is { } volume)
        {
            await new VolumeMounts(scene.Service, clock).RequireMountedAsync(volume, storage.Host, cancellationToken);
        }

        if (await taking.IsRunningAsync(storage, cancellationToken))
        {
            throw SnapshotTaking.NodeRunning(storage.Node, "its data cannot be exchanged under it");
        }

        await SnapshotCatalog.RequireWholeAsync(storage.Host, snapshot, cancellationToken);
        var staged = await StageAsync(storage, snapshot, cancellationToken);
        return await ExchangeAsync(storage, snapshot, staged, cancellationToken);
    }

    private static async Task<string> StageAsync(NodeStorage storage, ClusterSnapshot snapshot, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(storage.Work, "restoring");
        await storage.Host.RemoveFolderAsync(folder, cancellationToken);
        await storage.Host.CreateFolderAsync(folder, FolderMode, cancellationToken);
        var result = snapshot.Kind == SnapshotKind.Hot
            ? await storage.Host.TryAsync("cp", ["--archive", "--reflink=auto", "--target-directory", folder, Path.Combine(snapshot.Location, SnapshotCatalog.DataName)], cancellationToken)
            : await storage.Host.TryAsync("tar", ["--extract", "--gzip", "--numeric-owner", "--preserve-permissions", "--directory", folder, "--file", snapshot.Location], cancellationToken);
        var data = Path.Combine(folder, SnapshotCatalog.DataName);
        var files = await SnapshotFiles.CountAsync(storage.Host, data, [], cancellationToken);
        if (result.ExitCode == 0 && files == new SnapshotFiles(snapshot.Files, snapshot.DataBytes))
        {
            await storage.Host.RequireAsync("sync", ["--file-system", folder], cancellationToken);
            return data;
        }

        await storage.Host.RemoveFolderAsync(folder, CancellationToken.None);
        var said = result.ExitCode == 0 ? $"{files.Files} file(s) of {files.Bytes:N0} bytes came of it, where {snapshot.Files} of {snapshot.DataBytes:N0} should" : HostPrograms.Said(result);
        throw new UpgradeException(
            "RestoreFailed",
            $"Snapshot '{snapshot.SnapshotId}' could not be unpacked beside the data of {storage.Node}: {said}",
            "Mend what the message names, then do it again. The data of the node was not touched.",
            said.Contains("No space left", StringComparison.Ordinal) ? FailureCategory.Capacity : FailureCategory.OperationFailed)
        { Target = snapshot.SnapshotId };
    }

    private async Task<string> ExchangeAsync(NodeStorage storage, ClusterSnapshot snapshot, string staged, CancellationToken cancellationToken)
    {
        var earlier = await RestoreMark.ReadAsync(storage, cancellationToken);
        var mark = earlier ?? new RestoreMark(snapshot.SnapshotId, Path.Combine(storage.Work, ReplacedStart + clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture)), MovingIn: false);
        if (earlier is { MovingIn: true })
        {
            // The old data is out already: what is there now came from a snapshot.
            await storage.Host.RequireAsync("find", [storage.Data, "-mindepth", "1", "-maxdepth", "1", .. NodeStorage.WithoutStrangers, "-exec", "rm", "-rf", "{}", "+"], cancellationToken);
        }

        mark = mark with { SnapshotId = snapshot.SnapshotId, MovingIn = false };
        await storage.Host.CreateFolderAsync(storage.Data, FolderMode, cancellationToken);
        if (earlier is not { MovingIn: true })
        {
            await storage.Host.CreateFolderAsync(mark.Replaced, FolderMode, cancellationToken);
            await mark.WriteAsync(storage, cancellationToken);
            await MoveAsync(storage.Host, storage.Data, mark.Replaced, cancellationToken);
        }

        await (mark with { MovingIn = true }).WriteAsync(storage, cancellationToken);
        await MoveAsync(storage.Host, staged, storage.Data, cancellationToken);
        await storage.Host.RequireAsync("sync", ["--file-system", storage.Data], cancellationToken);
        await RestoreMark.RemoveAsync(storage, cancellationToken);
        await storage.Host.RemoveFolderAsync(Path.GetDirectoryName(staged)!, cancellationToken);
        return mark.Replaced;
    }

    private static Task<string> MoveAsync(IHost host, string from, string to, CancellationToken cancellationToken) =>
        host.RequireAsync("find", [from, "-mindepth", "1", "-maxdepth", "1", .. NodeStorage.WithoutStrangers, "-exec", "mv", "--target-directory", to, "{}", "+"], cancellationToken);
}
