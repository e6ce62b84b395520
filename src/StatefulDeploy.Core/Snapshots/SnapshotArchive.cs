using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Volumes;

namespace StatefulDeploy.Snapshots;

/// <summary>Moves snapshots to the archive: compressed, compared with the original after it was written, and checksummed. The original goes last.</summary>
internal static class SnapshotArchive
{
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Archives a hot snapshot.</summary>
    /// <exception cref="UpgradeException">The archive cannot be reached or written; the hot snapshot is as it was.</exception>
    internal static async Task<ClusterSnapshot> StoreAsync(NodeStorage storage, ClusterSnapshot snapshot, CancellationToken cancellationToken)
    {
        await RequireFolderAsync(storage, cancellationToken);
        var file = Path.Combine(storage.Archive, snapshot.SnapshotId + SnapshotCatalog.ArchiveEnd);
        var part = Path.Combine(storage.Archive, $".{snapshot.SnapshotId}{SnapshotCatalog.ArchiveEnd}.part");
        try
        {
            await TarAsync(storage, snapshot, "--create", part, cancellationToken);
            await storage.Host.RequireAsync("sync", [part], cancellationToken);
            await TarAsync(storage, snapshot, "--compare", part, cancellationToken);
            var stored = snapshot with
            {
                Kind = SnapshotKind.Archived,
                Location = file,
                Sha256 = await SnapshotCatalog.ChecksumAsync(storage.Host, part, cancellationToken),
                StoredBytes = long.Parse((await storage.Host.RequireAsync("stat", ["--format", "%s", part], cancellationToken)).Trim(), CultureInfo.InvariantCulture),
            };
            await storage.Host.RequireAsync("mv", ["--no-target-directory", part, file], cancellationToken);
            await storage.Host.WriteFileAsync(Path.Combine(storage.Archive, snapshot.SnapshotId + SnapshotCatalog.RecordEnd), ModelJson.Write(stored) + "\n", UnixFileMode.UserRead | UnixFileMode.UserWrite, cancellationToken);
            await RemoveHotAsync(storage, snapshot.SnapshotId, cancellationToken);
            return stored;
        }
        catch
        {
            await storage.Host.TryAsync("rm", ["-f", part], CancellationToken.None);
            throw;
        }
    }

    /// <summary>Removes a snapshot, wherever it is: first what makes it one, then its bytes.</summary>
    internal static async Task RemoveAsync(NodeStorage storage, ClusterSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (snapshot.Kind == SnapshotKind.Archived)
        {
            await storage.Host.RequireAsync("rm", ["-f", Path.Combine(storage.Archive, snapshot.SnapshotId + SnapshotCatalog.RecordEnd)], cancellationToken);
            await storage.Host.RequireAsync("rm", ["-f", snapshot.Location], cancellationToken);
        }

        await RemoveHotAsync(storage, snapshot.SnapshotId, cancellationToken);
    }

    private static async Task RemoveHotAsync(NodeStorage storage, string snapshotId, CancellationToken cancellationToken)
    {
        var hot = Path.Combine(storage.Hot, snapshotId);
        var gone = Path.Combine(storage.Hot, $".{snapshotId}.gone");
        if ((await storage.Host.TryAsync("test", ["-d", hot], cancellationToken)).ExitCode == 0)
        {
            await storage.Host.RequireAsync("mv", ["--no-target-directory", hot, gone], cancellationToken);
        }

        await storage.Host.RemoveFolderAsync(gone, cancellationToken);
    }

    private static async Task RequireFolderAsync(NodeStorage storage, CancellationToken cancellationToken)
    {
        if (!storage.ArchiveDescribed)
        {
            await storage.Host.CreateFolderAsync(storage.Archive, FolderMode, cancellationToken);
            return;
        }

        if ((await storage.Host.TryAsync("test", ["-d", storage.Archive, "-a", "-w", storage.Archive], cancellationToken)).ExitCode != 0)
        {
            throw new UpgradeException(
                "ArchiveUnreachable",
                $"The archive '{storage.Archive}' is not a folder that can be written on host '{storage.Host.Name}'.",
                "Mount the storage that holds it, or correct 'archive' under 'snapshots' in the service file. It is not made by us: on an unmounted share that would fill the wrong disk.",
                FailureCategory.Unreachable)
            { Target = storage.Archive };
        }
    }

    private static async Task TarAsync(NodeStorage storage, ClusterSnapshot snapshot, string mode, string file, CancellationToken cancellationToken)
    {
        var result = await storage.Host.TryAsync("tar", [mode, "--gzip", "--numeric-owner", "--sparse", "--directory", snapshot.Location, "--file", file, SnapshotCatalog.DataName], cancellationToken);
        if (result.ExitCode == 0)
        {
            return;
        }

        var said = HostPrograms.Said(result);
        throw new UpgradeException(
            "ArchiveFailed",
            mode == "--create"
                ? $"Snapshot '{snapshot.SnapshotId}' could not be written to the archive '{storage.Archive}' on host '{storage.Host.Name}': {said}"
                : $"What was written of snapshot '{snapshot.SnapshotId}' to the archive '{storage.Archive}' is not what was read: {said}",
            "See the state and the free space of the archive's storage. The snapshot stays where it was.",
            said.Contains("No space left", StringComparison.Ordinal) ? FailureCategory.Capacity : FailureCategory.OperationFailed)
        { Target = snapshot.SnapshotId };
    }
}
