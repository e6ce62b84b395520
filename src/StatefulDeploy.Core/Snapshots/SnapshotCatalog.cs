using System.Globalization;
using System.Text.Json;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Volumes;

namespace StatefulDeploy.Snapshots;

/// <summary>The snapshots of a node, as they lie beside its data and in the archive: each tells about itself, there is no list that could be wrong.</summary>
internal sealed class SnapshotCatalog(VolumeScene scene)
{
    internal const string RecordName = "snapshot.json";
    internal const string DataName = "data";
    internal const string ArchiveEnd = ".tar.gz";
    internal const string RecordEnd = ".json";

    /// <summary>The snapshots of a node, newest first.</summary>
    internal async Task<IReadOnlyList<ClusterSnapshot>> ListAsync(NodeStorage storage, CancellationToken cancellationToken)
    {
        var hot = await ReadAsync(storage.Host, storage.Hot, ["-mindepth", "2", "-maxdepth", "2", "-name", RecordName, "!", "-path", "*/.*.part/*", "!", "-path", "*/.*.gone/*"], cancellationToken);
        var archived = await ReadAsync(storage.Host, storage.Archive, ["-mindepth", "1", "-maxdepth", "1", "-name", "*" + RecordEnd], cancellationToken);
        var sizes = await ArchiveSizesAsync(storage, cancellationToken);
        var found = new List<ClusterSnapshot>();
        foreach (var (path, snapshot) in hot)
        {
            found.Add(await JudgeHotAsync(storage, Placed(storage, snapshot) with { Kind = SnapshotKind.Hot, Location = Path.GetDirectoryName(path)! }, cancellationToken));
        }

        // The record of the archive is written last: while both are there, the archive is whole.
        var isArchived = archived.Where(one => IsOf(storage, one.Snapshot)).Select(one => one.Snapshot.SnapshotId).ToHashSet(StringComparer.Ordinal);
        found.RemoveAll(snapshot => isArchived.Contains(snapshot.SnapshotId));
        found.AddRange(archived.Where(one => IsOf(storage, one.Snapshot)).Select(one => JudgeArchived(
            Placed(storage, one.Snapshot) with { Kind = SnapshotKind.Archived, Location = Path.ChangeExtension(one.Path, null) + ArchiveEnd }, sizes)));
        return [.. found.OrderByDescending(snapshot => snapshot.TakenAt).ThenByDescending(snapshot => snapshot.SnapshotId, StringComparer.Ordinal)];
    }

    /// <summary>Reads all of a snapshot where that is how it must be checked.</summary>
    /// <exception cref="UpgradeException">It is damaged.</exception>
    internal static async Task RequireWholeAsync(IHost host, ClusterSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (!snapshot.Good)
        {
            throw Damaged(snapshot, snapshot.Message);
        }

        if (snapshot.Kind == SnapshotKind.Hot)
        {
            return;
        }

        var sum = await ChecksumAsync(host, snapshot.Location, cancellationToken);
        if (sum != snapshot.Sha256)
        {
            throw Damaged(snapshot, $"its SHA-256 is {sum}, and was {snapshot.Sha256} when it was written");
        }
    }

    internal static async Task<string> ChecksumAsync(IHost host, string path, CancellationToken cancellationToken) =>
        (await host.RequireAsync("sha256sum", ["--binary", path], cancellationToken)).Split(' ')[0].TrimStart('\\');

    private static UpgradeException Damaged(ClusterSnapshot snapshot, string why) => new(
        snapshot.Kind == SnapshotKind.Archived ? "ArchiveCorrupt" : "SnapshotDamaged",
        $"Snapshot '{snapshot.SnapshotId}' in '{snapshot.Location}' on host '{snapshot.Host}' is damaged: {why}.",
        "Use another one: Get-ClusterSnapshot lists them. Nothing was changed.",
        FailureCategory.Damaged)
    { Target = snapshot.SnapshotId };

    private bool IsOf(NodeStorage storage, ClusterSnapshot snapshot) => snapshot.Service == scene.Service.Name && snapshot.Node == storage.Node.Name;

    private ClusterSnapshot Placed(NodeStorage storage, ClusterSnapshot snapshot) => snapshot with { Path = scene.Service.Path, Host = storage.Host.Name };

    private static async Task<IReadOnlyList<(string Path, ClusterSnapshot Snapshot)>> ReadAsync(IHost host, string folder, IReadOnlyList<string> filter, CancellationToken cancellationToken)
    {
        // One program for all records, each of one line: "path:record".
        var lines = await host.TryAsync("find", [folder, .. filter, "-exec", "grep", "-H", "", "{}", "+"], cancellationToken);
        return [.. lines.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ReadLine)];
    }

    private static (string Path, ClusterSnapshot Snapshot) ReadLine(string line)
    {
        var colon = line.IndexOf(RecordEnd + ":", StringComparison.Ordinal) + RecordEnd.Length;
        var path = line[..colon];
        try
        {
            return (path, ModelJson.Read<ClusterSnapshot>(line[(colon + 1)..]));
        }
        catch (JsonException exception)
        {
            throw new UpgradeException("SnapshotRecordDamaged", $"The record '{path}' of a snapshot cannot be read: {exception.Message}", "Move it and its snapshot away, or mend it; nothing is removed before.", FailureCategory.Damaged, exception) { Target = path };
        }
    }

    private static async Task<Dictionary<string, long>> ArchiveSizesAsync(NodeStorage storage, CancellationToken cancellationToken)
    {
        var found = await storage.Host.TryAsync("find", [storage.Archive, "-mindepth", "1", "-maxdepth", "1", "-name", "*" + ArchiveEnd, "-printf", @"%p\t%s\n"], cancellationToken);
        return found.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))
            .ToDictionary(pair => pair[0], pair => long.Parse(pair[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);
    }

    private static async Task<ClusterSnapshot> JudgeHotAsync(NodeStorage storage, ClusterSnapshot snapshot, CancellationToken cancellationToken)
    {
        var files = await SnapshotFiles.CountAsync(storage.Host, Path.Combine(snapshot.Location, DataName), [], cancellationToken);
        return files == new SnapshotFiles(snapshot.Files, snapshot.DataBytes)
            ? snapshot
            : snapshot with { Good = false, Message = $"it holds {files.Files} file(s) of {files.Bytes:N0} bytes, and held {snapshot.Files} of {snapshot.DataBytes:N0}" };
    }

    private static ClusterSnapshot JudgeArchived(ClusterSnapshot snapshot, Dictionary<string, long> sizes)
    {
        if (!sizes.TryGetValue(snapshot.Location, out var size))
        {
            return snapshot with { Good = false, Message = "its archive is gone" };
        }

        return size == snapshot.StoredBytes ? snapshot : snapshot with { Good = false, Message = $"its archive has {size:N0} bytes, and had {snapshot.StoredBytes:N0}" };
    }
}
