using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.Redis.Relay;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>Carries data by the servers' own replication, or by our relay where an older blue must follow a newer green.</summary>
internal sealed class RedisReplicator(RedisReverse reverse) : IReplicator
{
    private const int BrokenAfterSeconds = 15;

    /// <inheritdoc/>
    public async Task StartAsync(EngineContext context, ClusterPosition? from, CancellationToken cancellationToken)
    {
        if (context.IsReverse)
        {
            await reverse.StartAsync(context, from, cancellationToken);
            return;
        }

        foreach (RedisPair pair in RedisPair.Of(context))
        {
            await RedisFollowing.FollowAsync(pair.Source.Primary, pair.Target.Primary, context, cancellationToken);

            // Replicas that came with their data have followed blue so far, so that blue had no fewer than it must.
            foreach (Node replica in pair.Target.Replicas.Where(node => node.Volume is not null))
            {
                await RedisFollowing.FollowAsync(pair.Target.Primary, replica, context, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<ReplicationStatus> GetStatusAsync(EngineContext context, CancellationToken cancellationToken)
    {
        ReplicationStatus[] shards = await Task.WhenAll(RedisPair.Of(context).Select(pair => ShardStatusAsync(pair, context, cancellationToken)));
        return shards[0] with
        {
            State = Worst(shards.Select(shard => shard.State)),
            IsFinal = shards.Any(shard => shard.IsFinal),
            LagBytes = shards.Any(shard => shard.LagBytes is null) ? null : shards.Sum(shard => shard.LagBytes),
            LagTime = shards.Max(shard => shard.LagTime),
            CopiedBytes = shards.Sum(shard => shard.CopiedBytes),
            TotalBytes = shards.Any(shard => shard.TotalBytes is null) ? null : shards.Sum(shard => shard.TotalBytes),
            Message = string.Join(' ', shards.Select(shard => shard.Message).Where(message => message.Length > 0)),
        };
    }

    /// <inheritdoc/>
    public async Task StopAsync(EngineContext context, CancellationToken cancellationToken)
    {
        // In either direction: a relay whose green is about to be removed would look for it for ever.
        await RedisReverse.StopAsync(context, cancellationToken);
        RedisAccess access = new(context.Service, context.Secrets);
        foreach (RedisPair pair in RedisPair.Of(context))
        {
            await DetachAsync(pair.Target.Primary, access, cancellationToken);
        }

        foreach (Node node in context.Source.Nodes)
        {
            await ForgetControlAsync(node, access, cancellationToken);
        }
    }

    private static async Task DetachAsync(Node target, RedisAccess access, CancellationToken cancellationToken)
    {
        try
        {
            await using RespConnection follower = await access.ConnectControlAsync(target, "replication", cancellationToken);
            await follower.PipelineAsync([["REPLICAOF", "NO", "ONE"], ["DEL", RelayPoint.Key, RelayPoint.LeftKey]], cancellationToken);
            await follower.ExecuteAsync(["CONFIG", "SET", "masteruser", string.Empty, "masterauth", string.Empty], cancellationToken);
        }
        catch (Exception exception) when (exception is UpgradeException { Category: FailureCategory.Unreachable } or RespConnectionException or TimeoutException)
        {
            // A target that is gone follows nobody. One that hangs stays closed whatever it follows, and goes with its process.
        }
    }

    // On a closed node the fence refuses this, and the control user stays, which alone can open it.
    private static async Task ForgetControlAsync(Node node, RedisAccess access, CancellationToken cancellationToken)
    {
        await using RespConnection admin = await access.ConnectAsync(node, RedisAccount.Admin, "setup", cancellationToken);
        await admin.SendAsync(["ACL", "DELUSER", RedisAccess.ControlUser], cancellationToken);
    }

    private static async Task<ReplicationStatus> ShardStatusAsync(RedisPair pair, EngineContext context, CancellationToken cancellationToken)
    {
        ReplicationStatus status = new() { Service = context.Service.Name, Source = context.Source.Colour };
        try
        {
            RedisAccess access = new(context.Service, context.Secrets);
            await using RespConnection primary = await access.ConnectAsync(pair.Source.Primary, RedisAccount.Admin, "status", cancellationToken);
            await using RespConnection follower = await access.ConnectAsync(pair.Target.Primary, RedisAccount.Admin, "status", cancellationToken);
            RedisInfo applied = await follower.InfoAsync("replication", cancellationToken);
            RedisInfo written = await primary.InfoAsync("replication", cancellationToken);
            RedisInfo kept = await follower.InfoAsync("persistence", cancellationToken);
            return context.IsReverse && await RedisReverse.FindRelayStatusAsync(status, pair, context, written, follower, cancellationToken) is { } relayed
                ? relayed
                : Native(status, pair, written, applied, kept);
        }
        catch (Exception exception) when (exception is UpgradeException or RespConnectionException or RespServerException or TimeoutException)
        {
            return status with { State = ReplicationState.Broken, Message = exception.Message };
        }
    }

    private static ReplicationStatus Native(ReplicationStatus status, RedisPair pair, RedisInfo written, RedisInfo applied, RedisInfo kept)
    {
        if (applied["role"] != "slave")
        {
            return status with { State = ReplicationState.None, Message = $"{pair.Target.Primary} follows nobody." };
        }

        if (!RedisFollowing.Follows(applied, pair.Source.Primary))
        {
            return status with { State = ReplicationState.Broken, Message = $"{pair.Target.Primary} follows {applied["master_host"]}:{applied["master_port"]} instead of {pair.Source.Primary.Endpoint}." };
        }

        if (RedisFollowing.IsWithoutPosition(applied, written, pair.Target.Primary))
        {
            return status with { State = ReplicationState.Broken, Message = $"{pair.Target.Primary} follows {pair.Source.Primary} without a position, as after a refused PSYNC." };
        }

        bool linked = applied["master_link_status"] == "up";
        return status with
        {
            State = linked && IsOnline(written, pair.Target.Primary) && IsKept(kept) ? ReplicationState.Streaming : LinkState(applied),
            LagBytes = linked ? Math.Max(0, written.Number("master_repl_offset") - applied.Number("slave_repl_offset")) : null,
            LagTime = linked ? TimeSpan.FromSeconds(Math.Max(0, applied.Number("master_last_io_seconds_ago"))) : null,
            CopiedBytes = applied.Number("master_sync_read_bytes"),
            TotalBytes = applied.Number("master_sync_total_bytes") is > 0 and var total ? total : null,
            Message = IsUnlinked(applied) ? $"{pair.Target.Primary} has no link to {pair.Source.Primary}; its log tells why." : string.Empty,
        };
    }

    private static bool IsUnlinked(RedisInfo applied) => applied["master_link_status"] != "up" && applied.Number("master_sync_in_progress") == 0;

    // Right after a full copy the link is up, but the primary sends nothing before the replica's first acknowledgement, up to a second later.
    private static bool IsOnline(RedisInfo written, Node target) =>
        written.Replicas().Any(replica => replica["port"] == target.Endpoint.Port.ToString() && replica["state"] == "online");

    /// <summary>Whether what a server has would survive its crash: after a full copy one with a log writes it anew, and until that is done the copy would be lost.</summary>
    internal static bool IsKept(RedisInfo persistence) =>
        persistence.Number("aof_enabled") == 0 || persistence.Number("aof_rewrite_in_progress") + persistence.Number("aof_rewrite_scheduled") == 0;

    // A link that never was up has no age.
    private static ReplicationState LinkState(RedisInfo applied) =>
        IsUnlinked(applied) && applied.Number("master_link_down_since_seconds") > BrokenAfterSeconds ? ReplicationState.Broken : ReplicationState.Copying;

    private static ReplicationState Worst(IEnumerable<ReplicationState> states)
    {
        ReplicationState[] order = [ReplicationState.Broken, ReplicationState.None, ReplicationState.Copying, ReplicationState.Streaming];
        return states.MinBy(state => Array.IndexOf(order, state));
    }
}
