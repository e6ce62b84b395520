using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.Redis.Rehearsal;
using StatefulDeploy.Engines.Redis.Relay;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>The acts of the closed window. Each takes one or two round trips over connections that are open before it begins.</summary>
internal sealed class RedisSwitchover(RedisReverse reverse) : ISwitchover
{
    private static readonly TimeSpan RestartedWithin = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromMilliseconds(250);
    private const int TightPolls = 200;
    private const string DiskProbe = "{statefuldeploy}:disk";
    private const int DiskProbeBytes = 16 << 10;

    private static readonly RespCommand DiskProbeWrite = ["SETEX", DiskProbe, 1, new byte[DiskProbeBytes]];

    // Commands that change data when they are woken: a push of the reverse stream must not be consumed by a client of the closed node.
    private static readonly HashSet<string> BlockingWrites =
    [
        "blpop", "brpop", "blmove", "brpoplpush", "blmpop", "bzpopmin", "bzpopmax", "bzmpop", "xreadgroup",
    ];

    private readonly RedisWindowLinks _links = new();

    /// <inheritdoc/>
    public async Task RehearseAsync(EngineContext context, CancellationToken cancellationToken)
    {
        await PrepareAsync(context, cancellationToken);
        try
        {
            foreach (RedisPair pair in RedisPair.Of(context))
            {
                RespConnection target = await _links.GetAsync(pair.Target.Primary, context, cancellationToken);
                if (!await RedisFence.IsClosedAsync(target, cancellationToken))
                {
                    throw new UpgradeException("TargetNotClosed", $"{pair.Target.Primary} takes client writes before the switch.", "Close it, or provision green anew.", FailureCategory.WrongState) { Target = pair.Target.Primary.Name };
                }

                await SaveAsync(target, cancellationToken);
            }

            await RedisReverse.RehearseAsync(context, cancellationToken);
            await RedisRehearsal.PlayAsync(context, cancellationToken);
        }
        finally
        {
            await _links.CloseAsync();
        }
    }

    /// <inheritdoc/>
    public async Task PrepareAsync(EngineContext context, CancellationToken cancellationToken)
    {
        foreach (Node node in context.Source.Primaries.Concat(context.Target.Nodes))
        {
            RespConnection link = await _links.GetAsync(node, context, cancellationToken);
            await link.InfoAsync("replication", cancellationToken);
        }
    }

    /// <inheritdoc/>
    public Task EndOpenWritesAsync(EngineContext context, CancellationToken cancellationToken) =>
        Task.WhenAll(context.Source.Primaries.Select(node => UnblockAsync(node, context, cancellationToken)));

    /// <inheritdoc/>
    public async Task<ClusterPosition> ReadPositionAsync(EngineContext context, CancellationToken cancellationToken)
    {
        KeyValuePair<string, string>[] positions = await Task.WhenAll(context.Source.Shards.Select(async shard =>
        {
            RespConnection link = await _links.GetAsync(shard.Primary, context, cancellationToken);
            RedisInfo replication = await link.InfoAsync("replication", cancellationToken);
            EnsurePrimary(shard.Primary, replication);
            return KeyValuePair.Create(shard.Name, RedisPosition.OfPrimary(replication).ToString());
        }));
        return new ClusterPosition(new Dictionary<string, string>(positions, StringComparer.Ordinal));
    }

    /// <inheritdoc/>
    public Task DrainAsync(EngineContext context, ClusterPosition position, CancellationToken cancellationToken) =>
        Task.WhenAll(context.Target.Shards.Select(shard => DrainAsync(shard, RedisPosition.Parse(position.ByShard[shard.Name]), context, cancellationToken)));

    /// <summary>Nothing: functions, expiry times and all databases travel in the stream, and users and settings were carried at provisioning.</summary>
    public Task FinalizeAsync(EngineContext context, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<ClusterPosition> PromoteAsync(EngineContext context, CancellationToken cancellationToken)
    {
        foreach (RedisPair pair in RedisPair.Of(context).Where(pair => !context.IsReverse && !_links.Stands(pair.Source.Primary)))
        {
            await EnsureNotRestartedAsync(pair, context, cancellationToken);
        }

        KeyValuePair<string, string>[] positions = await Task.WhenAll(context.Target.Shards.Select(shard => PromoteAsync(shard, context, cancellationToken)));
        return new ClusterPosition(new Dictionary<string, string>(positions, StringComparer.Ordinal));
    }

    /// <inheritdoc/>
    public async Task<bool> AnswersAsync(EngineContext context, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswersWithin);
        try
        {
            bool[] answers = await Task.WhenAll(context.Target.Primaries.Select(async node =>
                (await (await _links.GetAsync(node, context, limit.Token)).SendAsync(["PING"], limit.Token)).AsString() == "PONG"));
            return answers.All(isPong => isPong);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is UpgradeException or RespConnectionException or RespServerException or TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public async Task DemoteAsync(EngineContext context, CancellationToken cancellationToken)
    {
        await _links.CloseAsync();
        if (context.IsReverse)
        {
            // Natively it is filled anew; through the relay it goes on where it was when it was promoted.
            await reverse.StartAsync(context, null, cancellationToken);
            return;
        }

        foreach (RedisPair pair in RedisPair.Of(context))
        {
            await RedisFollowing.FollowAsync(pair.Source.Primary, pair.Target.Primary, context, cancellationToken);
        }
    }

    /// <summary>Closes the connections of the window.</summary>
    public Task CloseLinksAsync() => _links.CloseAsync();

    // A server that keeps snapshots alone has none of its own yet: after a crash it would come up as old as its copy was.
    private static async Task SaveAsync(RespConnection target, CancellationToken cancellationToken)
    {
        if (await target.SettingAsync("appendonly", cancellationToken) == "no" && !string.IsNullOrEmpty(await target.SettingAsync("save", cancellationToken)))
        {
            await target.ExecuteAsync(["BGSAVE", "SCHEDULE"], cancellationToken);
        }
    }

    private async Task UnblockAsync(Node node, EngineContext context, CancellationToken cancellationToken)
    {
        RespConnection link = await _links.GetAsync(node, context, cancellationToken);
        if ((await link.InfoAsync("clients", cancellationToken)).Number("blocked_clients") == 0)
        {
            return;
        }

        // With ERROR the client is told that nothing was taken (-UNBLOCKED), as servers do themselves when they become replicas.
        IEnumerable<string> blocked = (await link.ClientsAsync(cancellationToken))
            .Where(client => client["flags"].Contains('b', StringComparison.Ordinal) && BlockingWrites.Contains(client["cmd"]))
            .Select(client => client["id"]);
        await link.PipelineAsync([.. blocked.Select(id => RespCommand.Create(["CLIENT", "UNBLOCK", id, "ERROR"]))], cancellationToken);
    }

    private async Task DrainAsync(Shard shard, RedisPosition position, EngineContext context, CancellationToken cancellationToken)
    {
        RespConnection target = await _links.GetAsync(shard.Primary, context, cancellationToken);
        if (context.IsReverse && await RedisReverse.DrainAsync(shard, target, position, context, cancellationToken))
        {
            return;
        }

        int wanted = Math.Min(context.Service.DataClass.HotReplicas, shard.Replicas.Count());
        Task primary = AppliedAsync(shard.Primary, position, context, cancellationToken);
        List<Task> replicas = [.. shard.Replicas.Select(node => AppliedAsync(node, position, context, cancellationToken))];
        await primary;
        while (wanted > 0)
        {
            Task applied = await Task.WhenAny(replicas);
            replicas.Remove(applied);
            await applied;
            wanted--;
        }
    }

    /// <summary>
    /// Polls the node's own applied offset: the acknowledgement that a replica sends comes once a second only. With <c>appendfsync always</c> the
    /// answer also means durable, since a server flushes its log before it sends the answers of the same round of its event loop.
    /// </summary>
    private async Task AppliedAsync(Node node, RedisPosition position, EngineContext context, CancellationToken cancellationToken)
    {
        RespConnection link = await _links.GetAsync(node, context, cancellationToken);
        for (int poll = 0; ; poll++)
        {
            RedisInfo replication = await link.InfoAsync("replication", cancellationToken);
            if (replication["master_replid"] == position.ReplicationId && AppliedOffset(replication) >= position.Offset)
            {
                return;
            }

            EnsureSameHistory(node, replication, position);
            if (poll > TightPolls)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), context.Clock, cancellationToken);
            }
        }
    }

    private static long AppliedOffset(RedisInfo replication) =>
        replication["role"] == "slave" ? replication.Number("slave_repl_offset") : replication.Number("master_repl_offset");

    private static void EnsureSameHistory(Node node, RedisInfo replication, RedisPosition position)
    {
        if (replication.Find("master_link_status") == "up" && replication["master_replid"] != position.ReplicationId)
        {
            throw new UpgradeException("HistoryChanged", $"{node} follows another history than the one whose position was read: the source was restarted or replaced inside the window.", "The window ends with the source open; wait until replication has caught up and switch again.", FailureCategory.WrongState) { Target = node.Name };
        }
    }

    /// <summary>
    /// A source that was restarted since its position was read serves again in a moment, but has begun another history, and no follower of
    /// the target could tell what of the old one it has: it would be a switch without a way back. One that is still down is left behind.
    /// </summary>
    private async Task EnsureNotRestartedAsync(RedisPair pair, EngineContext context, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(RestartedWithin);
        RedisInfo source;
        try
        {
            source = await (await _links.GetAsync(pair.Source.Primary, context, limit.Token)).InfoAsync("replication", limit.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is UpgradeException or RespConnectionException or RespServerException or TimeoutException or OperationCanceledException)
        {
            return;
        }

        RedisInfo target = await (await _links.GetAsync(pair.Target.Primary, context, cancellationToken)).InfoAsync("replication", cancellationToken);
        if (source["master_replid"] != target["master_replid"])
        {
            throw new UpgradeException("HistoryChanged", $"{pair.Source.Primary} was restarted inside the window.", "The window ends with the source open; wait until replication has caught up and switch again.", FailureCategory.WrongState) { Target = pair.Source.Primary.Name };
        }
    }

    private async Task<KeyValuePair<string, string>> PromoteAsync(Shard shard, EngineContext context, CancellationToken cancellationToken)
    {
        RespConnection link = await _links.GetAsync(shard.Primary, context, cancellationToken);

        // A replica refuses a write even when it is queued behind its promotion, so this is no transaction. A relay that takes the node back in
        // between makes the renaming of its bookkeeping fail; once that is done, no relay takes the node any more but one that is told to throw it back.
        RespCommand[] promotion =
        [
            ["REPLICAOF", "NO", "ONE"], ["RENAME", RelayPoint.Key, RelayPoint.LeftKey], ["INFO", "replication"], ["INFO", "stats"],
            ["CONFIG", "SET", "tls-replication", context.Service.TlsCaFile is null ? "no" : "yes"],
        ];
        IReadOnlyList<RespValue> replies;
        do
        {
            // Only what a relay has fed can be thrown back, and must stay as it is: green is tried with a write in the same breath.
            replies = await link.PipelineAsync(context.IsReverse ? promotion : [.. promotion, DiskProbeWrite], cancellationToken);
        }
        while (replies[1].ErrorCode == "READONLY");

        replies[0].ThrowIfError();
        bool wasFedByRelay = context.IsReverse && !replies[1].IsError;
        if (wasFedByRelay)
        {
            // As a closed primary does it: until it is opened or thrown back it ends no keys by itself.
            await link.PipelineAsync([RelayPoint.NoteEnded(RedisInfo.Parse(replies[3].ThrowIfError().AsString())), RedisFence.KeepStill], cancellationToken);
        }

        RedisInfo replication = RedisInfo.Parse(replies[2].ThrowIfError().AsString());
        EnsurePrimary(shard.Primary, replication);
        if (!wasFedByRelay)
        {
            RespValue written = context.IsReverse ? await link.SendAsync(DiskProbeWrite, cancellationToken) : replies[^1];
            await EnsureDiskTookWriteAsync(shard.Primary, link, written, cancellationToken);
        }

        return KeyValuePair.Create(shard.Name, RedisPosition.OfPrimary(replication).ToString());
    }

    /// <summary>
    /// A primary that cannot write its log or its snapshots refuses writes from the first one on. A real write, larger than what the last block of a
    /// file may still take, shows it while the source can still be opened again. The log is written before the answer is sent, so the question
    /// that follows sees how it went.
    /// </summary>
    private static async Task EnsureDiskTookWriteAsync(Node node, RespConnection link, RespValue written, CancellationToken cancellationToken)
    {
        IReadOnlyList<RespValue> after = await link.PipelineAsync([["INFO", "persistence"], ["DEL", DiskProbe]], cancellationToken);
        RedisInfo persistence = RedisInfo.Parse(after[0].ThrowIfError().AsString());
        if (written.IsError || (persistence.Number("aof_enabled") == 1 && persistence["aof_last_write_status"] != "ok"))
        {
            throw new UpgradeException("TargetCannotWrite", written.IsError ? $"{node} refuses a write ({written.ErrorCode})." : $"{node} cannot write its log: it would refuse the writes of clients.", "The window ends with the source open. Make room on the disk of its data directory and in its memory, and switch again.", FailureCategory.Capacity) { Target = node.Name };
        }
    }

    private static void EnsurePrimary(Node node, RedisInfo replication)
    {
        if (replication["role"] != "master")
        {
            throw new UpgradeException("NotPrimary", $"{node} is not a primary (it follows {replication.Find("master_host")}:{replication.Find("master_port")}).", "Find out who changed its role; the service file must name the real primary.", FailureCategory.WrongState) { Target = node.Name };
        }
    }
}
