using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>
/// Copies a node's files while it serves, as a crash would leave them: a server that is started with <c>--recover</c> on the copy has the data of that
/// moment. No checkpoint is taken for it, since that would shorten the log: see <see cref="GarnetLog"/>.
/// </summary>
internal sealed class GarnetSnapshotter : ISnapshotter
{
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode PrivateFolder = PrivateFile | UnixFileMode.UserExecute;
    private const int MostTries = 100;

    /// <inheritdoc/>
    public async Task<SnapshotRecord> TakeAsync(EngineContext context, string folder, CancellationToken cancellationToken)
    {
        Shard shard = GarnetShard.Of(context.Source);
        IHost host = context.Hosts[shard.Primary.Host];
        string data = shard.Primary.DataDirectory ?? throw DataDirectoryMissing(shard.Primary);
        string copy = Path.Combine(folder, shard.Name);
        (Dictionary<string, string> sums, long bytes) = await CopyDataAsync(host, data, copy, cancellationToken);

        // Not beside the files: the server would take them for its own.
        await host.WriteFileAsync(Path.Combine(copy, "SHA256SUMS"), string.Concat(sums.Select(sum => $"{sum.Value}  {sum.Key}\n")), PrivateFile, cancellationToken);
        DateTimeOffset now = context.Clock.GetUtcNow();
        return new SnapshotRecord($"{context.UpgradeId}-{now:yyyyMMddHHmmss}", copy, bytes, now, sums);
    }

    /// <summary>Copies a serving node's data and log to another folder of its host; nothing of its cluster.</summary>
    /// <returns>The checksums of the files by their names, and how many bytes they hold.</returns>
    public static async Task<(Dictionary<string, string> Sums, long Bytes)> CopyDataAsync(IHost host, string data, string copy, CancellationToken cancellationToken)
    {
        Dictionary<string, string> sums = new(StringComparer.Ordinal);

        // The record of the last commit first: what it tells to be in the log is there whenever the log is copied later.
        await CopyCommitAsync(host, data, copy, sums, cancellationToken);
        long bytes = 0;
        foreach ((string file, long size) in await ListAsync(host, data, ["./Store/*", "./AOF/aof.log.*"], cancellationToken))
        {
            await CopyAsync(host, data, copy, file, sums, cancellationToken);
            bytes += size;
        }

        return (sums, bytes);
    }

    /// <summary>The error of a node whose data nobody can find.</summary>
    public static UpgradeException DataDirectoryMissing(Node node) =>
        new("DataDirectoryMissing", $"Where {node} keeps its data is not described.", "Name the folder of '--checkpointdir' as its data directory.", FailureCategory.InvalidInput) { Target = node.Name };

    // Every commit replaces the file by one of another name.
    private static async Task CopyCommitAsync(IHost host, string data, string copy, Dictionary<string, string> sums, CancellationToken cancellationToken)
    {
        for (int look = 1; ; look++)
        {
            (string File, long Size)[] commits = [.. (await ListAsync(host, data, ["./AOF/log-commits/*"], cancellationToken)).OrderBy(file => file.File.Length)];
            try
            {
                if (commits.Length > 0)
                {
                    await CopyAsync(host, data, copy, commits[^1].File, sums, cancellationToken);
                }

                return;
            }
            catch (UpgradeException exception) when (exception.Category == FailureCategory.NotFound && look < MostTries)
            {
                // It was replaced in between.
            }
        }
    }

    private static async Task CopyAsync(IHost host, string data, string copy, string file, Dictionary<string, string> sums, CancellationToken cancellationToken)
    {
        string to = Path.Combine(copy, file);
        await host.CreateFolderAsync(Path.GetDirectoryName(to)!, PrivateFolder, cancellationToken);
        string sum = await host.CopyFileAsync(Path.Combine(data, file), to, cancellationToken);
        sums[file] = sum;
    }

    private static async Task<IEnumerable<(string File, long Size)>> ListAsync(IHost host, string data, string[] patterns, CancellationToken cancellationToken)
    {
        string[] chosen = [.. patterns.SelectMany((pattern, i) => i == 0 ? new[] { "-path", pattern } : ["-o", "-path", pattern])];
        CommandResult listed = await host.RunAsync(new HostCommand("find", [".", "-type", "f", "(", .. chosen, ")", "-printf", "%P\\t%s\\n"]) { WorkingFolder = data }, cancellationToken);
        return listed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)
            .Select(line => line.Split('\t')).Select(parts => (parts[0], long.Parse(parts[1], CultureInfo.InvariantCulture)));
    }
}
