using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>
/// When the files of a running Redis can be copied: with an append-only file, whenever no rewrite begins, runs or ends meanwhile, since the
/// server then only appends to the newest of them and reads a tail that was cut; without one, after a save.
/// </summary>
/// <remarks>https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/ ("Backing up AOF persistence").</remarks>
internal sealed class RedisFiles : IDataFiles
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    public async Task<string> SettleAsync(Node node, EngineContext context, CancellationToken cancellationToken)
    {
        if (!await AppendsAsync(node, context, cancellationToken))
        {
            await RedisSnapshotter.SaveAsync(node, context, cancellationToken);
        }

        while (true)
        {
            await using var control = await ConnectAsync(node, context, cancellationToken);
            var info = await control.InfoAsync("persistence", cancellationToken);
            if (info.Number("aof_rewrite_in_progress") == 0 && info.Number("aof_rewrite_scheduled") == 0)
            {
                return await StampAsync(node, context, cancellationToken);
            }

            await Task.Delay(Poll, context.Clock, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task<string> StampAsync(Node node, EngineContext context, CancellationToken cancellationToken)
    {
        await using var control = await ConnectAsync(node, context, cancellationToken);
        var server = await control.InfoAsync("server", cancellationToken);
        var info = await control.InfoAsync("persistence", cancellationToken);
        return info.Number("aof_enabled") == 1
            ? $"{server["run_id"]} aof {info.Number("aof_rewrites")} {info.Number("aof_rewrite_in_progress")}"
            : $"{server["run_id"]} rdb {info.Number("rdb_saves")} {info.Number("rdb_bgsave_in_progress")}";
    }

    private static async Task<bool> AppendsAsync(Node node, EngineContext context, CancellationToken cancellationToken)
    {
        await using var control = await ConnectAsync(node, context, cancellationToken);
        return (await control.InfoAsync("persistence", cancellationToken)).Number("aof_enabled") == 1;
    }

    private static Task<RespConnection> ConnectAsync(Node node, EngineContext context, CancellationToken cancellationToken) =>
        new RedisAccess(context.Service, context.Secrets).ConnectAsync(node, RedisAccount.Admin, "snapshot", cancellationToken);
}
