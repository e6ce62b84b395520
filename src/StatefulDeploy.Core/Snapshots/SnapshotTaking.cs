using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Volumes;

namespace StatefulDeploy.Snapshots;

/// <summary>Takes hot snapshots: by reflink where the file system can, else by copying. A node that serves goes on serving.</summary>
internal sealed class SnapshotTaking(VolumeScene scene, IEngine engine, EngineContext context)
{
    // Room that a copy leaves free, so that the server beside it can go on writing.
    private const long Spare = 16L << 20;
    private const int MostTries = 5;
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Takes one of a node.</summary>
    /// <exception cref="UpgradeException">It runs and its engine has no means for that, or there is no room; nothing is left behind.</exception>
    internal async Task<ClusterSnapshot> TakeAsync(NodeStorage storage, CancellationToken cancellationToken)
    {
        if (storage.Volume is { } volume)
        {
            await new VolumeMounts(scene.Service, context.Clock).RequireMountedAsync(volume, storage.Host, cancellationToken);
        }

        var live = await IsRunningAsync(storage, cancellationToken);
        if (live && engine.Files is null)
        {
            throw NodeRunning(storage.Node, $"{engine.DisplayName} has no means to copy the files of a running node");
        }

        var at = context.Clock.GetUtcNow();
        var id = $"{storage.Node.Name}-{at.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture)}";
        var part = Path.Combine(storage.Hot, $".{id}.part");
        try
        {
            await storage.Host.CreateFolderAsync(Path.Combine(part, SnapshotCatalog.DataName), FolderMode, cancellationToken);
            var means = await CopyAsync(storage, part, live, cancellationToken);
            var files = await SnapshotFiles.CountAsync(storage.Host, Path.Combine(part, SnapshotCatalog.DataName), [], cancellationToken);
            var snapshot = new ClusterSnapshot
            {
                SnapshotId = id,
                Service = scene.Service.Name,
                Node = storage.Node.Name,
                Volume = storage.Volume?.Name ?? string.Empty,
                Version = storage.Node.Version,
                Means = means,
                Live = live,
                TakenAt = at,
                DataBytes = files.Bytes,
                Files = files.Files,
            };
            await FinishAsync(storage, snapshot, part, cancellationToken);
            return snapshot with { Path = scene.Service.Path, Host = storage.Host.Name, Location = Path.Combine(storage.Hot, id) };
        }
        catch
        {
            await storage.Host.RemoveFolderAsync(part, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Whether anything of a node's folder is in use, or the node answers.</summary>
    internal async Task<bool> IsRunningAsync(NodeStorage storage, CancellationToken cancellationToken) =>
        (await Holders.FindAsync(storage.Host, storage.Data, cancellationToken)).Count > 0
        || (await engine.Preflight.ProbeAsync(storage.Node, context, cancellationToken)).Reachable;

    internal static UpgradeException NodeRunning(Node node, string why) => new(
        "NodeRunning", $"{node} runs, and {why}.", "Stop the node first, then do it again.", FailureCategory.WrongState) { Target = node.Name };

    private async Task<SnapshotMeans> CopyAsync(NodeStorage storage, string part, bool live, CancellationToken cancellationToken)
    {
        var means = await FindMeansAsync(storage, part, cancellationToken);
        for (var tries = 1; ; tries++)
        {
            var stamp = live ? await engine.Files!.SettleAsync(storage.Node, context, cancellationToken) : string.Empty;
            await RequireRoomAsync(storage, means, cancellationToken);
            var problem = await TryCopyAsync(storage, part, means, cancellationToken);
            if (problem is null && (!live || await engine.Files!.StampAsync(storage.Node, context, cancellationToken) == stamp))
            {
                return means;
            }

            if (!live || tries == MostTries)
            {
                throw Failed(storage, problem ?? "the server rewrote its files every time");
            }

            // The server has rewritten its files meanwhile: what was copied may be of two generations.
            await storage.Host.RemoveFolderAsync(Path.Combine(part, SnapshotCatalog.DataName), cancellationToken);
            await storage.Host.CreateFolderAsync(Path.Combine(part, SnapshotCatalog.DataName), FolderMode, cancellationToken);
        }
    }

    private static async Task<SnapshotMeans> FindMeansAsync(NodeStorage storage, string part, CancellationToken cancellationToken)
    {
        var probe = Path.Combine(part, "probe");
        await storage.Host.WriteFileAsync(probe, "probe", UnixFileMode.UserRead | UnixFileMode.UserWrite, cancellationToken);
        var clone = await storage.Host.TryAsync("cp", ["--reflink=always", probe, probe + ".clone"], cancellationToken);
        await storage.Host.RequireAsync("rm", ["-f", probe, probe + ".clone"], cancellationToken);
        return clone.ExitCode == 0 ? SnapshotMeans.Reflink : SnapshotMeans.Copy;
    }

    private static async Task RequireRoomAsync(NodeStorage storage, SnapshotMeans means, CancellationToken cancellationToken)
    {
        if (means == SnapshotMeans.Reflink)
        {
            return;
        }

        var exclude = NodeStorage.Strangers.SelectMany(name => new[] { "-path", Path.Combine(storage.Data, name), "-prune", "-o" });
        var needed = (await SnapshotFiles.CountAsync(storage.Host, storage.Data, [.. exclude], cancellationToken)).Bytes;
        var free = (await storage.Host.MeasureAsync(storage.Hot, cancellationToken)).FreeDiskBytes;
        if (needed + Spare > free)
        {
            throw new UpgradeException(
                "SnapshotSpaceMissing",
                $"A snapshot of {storage.Node} takes {Quantity.Text((double)needed)}, and the file system of '{storage.Hot}' on host '{storage.Host.Name}' has {Quantity.Text((double)free)} free.",
                "Let retention archive or remove older snapshots (Invoke-SnapshotRetention), make room, or use a file system that shares blocks (xfs).",
                FailureCategory.Capacity)
            { Target = storage.Node.Name };
        }
    }

    private static async Task<string?> TryCopyAsync(NodeStorage storage, string part, SnapshotMeans means, CancellationToken cancellationToken)
    {
        var reflink = means == SnapshotMeans.Reflink ? "--reflink=always" : "--reflink=never";
        var copy = await storage.Host.TryAsync(
            "find",
            [storage.Data, "-mindepth", "1", "-maxdepth", "1", .. NodeStorage.WithoutStrangers, "-exec", "cp", "--archive", reflink, "--target-directory", Path.Combine(part, SnapshotCatalog.DataName), "{}", "+"],
            cancellationToken);
        return copy.ExitCode == 0 ? null : HostPrograms.Said(copy);
    }

    private static async Task FinishAsync(NodeStorage storage, ClusterSnapshot snapshot, string part, CancellationToken cancellationToken)
    {
        await storage.Host.WriteFileAsync(Path.Combine(part, SnapshotCatalog.RecordName), ModelJson.Write(snapshot) + "\n", UnixFileMode.UserRead | UnixFileMode.UserWrite, cancellationToken);
        await storage.Host.RequireAsync("sync", ["--file-system", part], cancellationToken);
        await storage.Host.RequireAsync("mv", ["--no-target-directory", part, Path.Combine(storage.Hot, snapshot.SnapshotId)], cancellationToken);
        await storage.Host.RequireAsync("sync", [storage.Hot], cancellationToken);
    }

    private static UpgradeException Failed(NodeStorage storage, string why) => new(
        "SnapshotFailed",
        $"No snapshot of {storage.Node} could be taken: {why}.",
        "Mend what the message names, then do it again. Nothing was changed.",
        why.Contains("No space left", StringComparison.Ordinal) ? FailureCategory.Capacity : FailureCategory.OperationFailed)
    { Target = storage.Node.Name };
}
