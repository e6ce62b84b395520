using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>Waits for one follower to have what its primary has, and to keep it.</summary>
internal static class RedisCatchUp
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LinksWithin = TimeSpan.FromMinutes(1);

    /// <summary>Returns when the link is up, the lag under the gate and, with a log, all of it in the log.</summary>
    /// <param name="node">The follower.</param>
    /// <param name="primary">Whose stream it follows, directly or through another follower.</param>
    /// <param name="log">Whether it is to have a log (<c>appendonly</c>) once it is linked; null to leave that as it is.</param>
    /// <param name="context">Limits, and the ways to reach both.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="UpgradeException">It has no link, or did not catch up in time.</exception>
    public static async Task WaitAsync(Node node, Node primary, string? log, EngineContext context, CancellationToken cancellationToken)
    {
        RedisAccess access = new(context.Service, context.Secrets);
        await using RespConnection follower = await access.ConnectControlAsync(node, "catch-up", cancellationToken);
        await using RespConnection source = await access.ConnectAsync(primary, RedisAccount.Admin, "catch-up", cancellationToken);
        long start = context.Clock.GetTimestamp();
        long linked = start;
        while (true)
        {
            RedisInfo all = await follower.InfoAsync("everything", cancellationToken);
            if (all.Number("loading") == 0 && all.Find("master_link_status") == "up")
            {
                linked = context.Clock.GetTimestamp();
                if (log == "yes" && all.Number("aof_enabled") == 0)
                {
                    await follower.ExecuteAsync(["CONFIG", "SET", "appendonly", "yes"], cancellationToken);
                }
                else if (RedisReplicator.IsKept(all) && (await source.InfoAsync("replication", cancellationToken)).Number("master_repl_offset") - all.Number("slave_repl_offset") <= context.Service.Limits.LagGate)
                {
                    return;
                }
            }
            else if (all.Number("master_sync_in_progress") == 1 || all.Number("loading") == 1)
            {
                linked = context.Clock.GetTimestamp();
            }

            ThrowIfLate(node, primary, context, start, linked);
            await Task.Delay(Poll, context.Clock, cancellationToken);
        }
    }

    private static void ThrowIfLate(Node node, Node primary, EngineContext context, long start, long linked)
    {
        if (context.Clock.GetElapsedTime(linked) > LinksWithin)
        {
            throw new UpgradeException("ReplicationBroken", $"{node} has no link to {primary}; its log tells why.", "Mend what its log names, then resume the upgrade.", FailureCategory.Unreachable) { Target = node.Name };
        }

        if (context.Clock.GetElapsedTime(start) > context.Service.Limits.CatchUpDeadline)
        {
            throw new UpgradeException("CatchUpTimeout", $"{node} has not caught up with {primary} within {Quantity.Text(context.Service.Limits.CatchUpDeadline)}.", "Find out whether it applies more slowly than its primary writes; or allow more time or lag.", FailureCategory.Timeout) { Target = node.Name };
        }
    }
}
