using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>Lets each primary save itself in the background, and copies the file.</summary>
internal sealed class RedisSnapshotter : ISnapshotter
{
    /// <inheritdoc/>
    public async Task<SnapshotRecord> TakeAsync(EngineContext context, string folder, CancellationToken cancellationToken)
    {
        DateTimeOffset at = context.Clock.GetUtcNow();
        Dictionary<string, string> sums = new(StringComparer.Ordinal);
        long bytes = 0;
        foreach (Shard shard in context.Source.Shards)
        {
            IHost host = context.Hosts[shard.Primary.Host];
            string name = $"{shard.Name}.rdb";
            await host.CreateFolderAsync(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, cancellationToken);
            string saved = await SaveAsync(shard.Primary, context, cancellationToken);
            sums[name] = await host.CopyFileAsync(saved, Path.Combine(folder, name), cancellationToken);
            await host.WriteFileAsync(Path.Combine(folder, name + ".sha256"), $"{sums[name]}  {name}\n", UnixFileMode.UserRead | UnixFileMode.UserWrite, cancellationToken);
            bytes += await SizeAsync(host, Path.Combine(folder, name), cancellationToken);
        }

        return new SnapshotRecord($"{context.UpgradeId}-{at:yyyyMMddTHHmmssZ}", folder, bytes, at, sums);
    }

    /// <summary>Lets a node save itself now, and tells where the file is on its host.</summary>
    internal static async Task<string> SaveAsync(Node node, EngineContext context, CancellationToken cancellationToken)
    {
        await using RespConnection control = await new RedisAccess(context.Service, context.Secrets).ConnectAsync(node, RedisAccount.Admin, "snapshot", cancellationToken);
        RedisInfo before = await control.InfoAsync("persistence", cancellationToken);

        // One that runs already is of an older moment: SCHEDULE takes another one after it.
        await control.ExecuteAsync(["BGSAVE", "SCHEDULE"], cancellationToken);
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), context.Clock, cancellationToken);
            RedisInfo now = await control.InfoAsync("persistence", cancellationToken);
            if (now.Number("rdb_bgsave_in_progress") == 0 && now.Number("rdb_saves") > before.Number("rdb_saves") + before.Number("rdb_bgsave_in_progress"))
            {
                break;
            }

            if (now.Number("rdb_bgsave_in_progress") == 0 && now.Find("rdb_last_bgsave_status") != "ok")
            {
                throw new UpgradeException("SnapshotFailed", $"{node} could not save its data.", "Read the server's log; mostly its disk is full or it may not fork (vm.overcommit_memory).", FailureCategory.Capacity) { Target = node.Name };
            }
        }

        string folder = await control.SettingAsync("dir", cancellationToken) ?? string.Empty;
        return Path.Combine(folder, await control.SettingAsync("dbfilename", cancellationToken) ?? "dump.rdb");
    }

    private static async Task<long> SizeAsync(IHost host, string path, CancellationToken cancellationToken) =>
        long.Parse((await host.RunAsync(new HostCommand("stat", "-c", "%s", path), cancellationToken)).Output.Trim());
}
