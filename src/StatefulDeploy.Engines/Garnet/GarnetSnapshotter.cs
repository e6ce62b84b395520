using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>Takes a checkpoint and copies it. A server that is started with <c>--recover</c> on the copy has the data of that moment.</summary>
internal sealed class GarnetSnapshotter : ISnapshotter
{
    /// <inheritdoc/>
    public async Task<SnapshotRecord> TakeAsync(EngineContext context, string folder, CancellationToken cancellationToken)
    {
        Node node = GarnetShard.Of(context.Source).Primary;
        IHost host = context.Hosts[node.Host];
        string data = node.DataDirectory ?? throw new UpgradeException("DataDirectoryMissing", $"Where {node} keeps its data is not described.", "Name the folder of '--checkpointdir' as its data directory.", FailureCategory.InvalidInput) { Target = node.Name };
        GarnetAccess access = new(context.Service, context.Secrets);
        await using RespConnection connection = await access.ConnectControlAsync(node, "snapshot", cancellationToken);
        await GarnetCheckpoint.TakeAsync(connection, context, cancellationToken);
        return await CopyAsync(context, host, data, Path.Combine(folder, GarnetShard.Of(context.Source).Name), cancellationToken);
    }

    private static async Task<SnapshotRecord> CopyAsync(EngineContext context, IHost host, string data, string folder, CancellationToken cancellationToken)
    {
        Dictionary<string, string> sums = new(StringComparer.Ordinal);
        CommandResult listed = await host.RunAsync(new HostCommand("find", ".", "-type", "f", "-path", "./Store/*", "-printf", "%P\\t%s\\n") { WorkingFolder = data }, cancellationToken);
        long bytes = 0;
        foreach (string[] file in listed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')))
        {
            string to = Path.Combine(folder, file[0]);
            await host.CreateFolderAsync(Path.GetDirectoryName(to)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, cancellationToken);
            string sum = await host.CopyFileAsync(Path.Combine(data, file[0]), to, cancellationToken);
            await host.WriteFileAsync(to + ".sha256", $"{sum}  {Path.GetFileName(to)}\n", UnixFileMode.UserRead | UnixFileMode.UserWrite, cancellationToken);
            sums[file[0]] = sum;
            bytes += long.Parse(file[1], System.Globalization.CultureInfo.InvariantCulture);
        }

        DateTimeOffset now = context.Clock.GetUtcNow();
        return new SnapshotRecord($"{context.UpgradeId}-{now:yyyyMMddHHmmss}", folder, bytes, now, sums);
    }
}
