using System.Collections.Concurrent;
using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>
/// The acts of the window. Garnet's planned failover turns source into a replica at once, and it cannot be opened again. So target is
/// promoted by TAKEOVER, which asks nobody, and before the window source is made to forget target: it never hears of it, keeps its slots
/// and stays able to go on. What keeps both from taking writes is the fence.
/// </summary>
internal sealed class GarnetSwitchover : ISwitchover
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan BarrierPatience = TimeSpan.FromMilliseconds(20);
    private readonly ConcurrentDictionary<string, GarnetWindow> _windows = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task RehearseAsync(EngineContext context, CancellationToken cancellationToken)
    {
        GarnetWindow window = Window(context);
        foreach (Node node in context.Source.Nodes.Concat(context.Target.Nodes))
        {
            RespConnection connection = await window.ToAsync(node, cancellationToken);
            await GarnetRole.AskAsync(connection, cancellationToken);
            await connection.InfoAsync("persistence", cancellationToken);
        }

        await BarrierAsync(context, window, unblock: false, cancellationToken);
        await DemandFaithfulAsync(context, window, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task PrepareAsync(EngineContext context, CancellationToken cancellationToken)
    {
        GarnetWindow window = Window(context);
        await DemandFaithfulAsync(context, window, cancellationToken);
        await GarnetAclCarrier.CarryAsync(context, window, cancellationToken);
        List<string> targetIds = [];
        foreach (Node node in context.Target.Nodes)
        {
            RespConnection target = await window.ToAsync(node, cancellationToken);
            await GarnetRole.AskAsync(target, cancellationToken);
            targetIds.Add(await target.MyIdAsync(cancellationToken));
        }

        await AwaitStreamsAsync(context, window, cancellationToken);
        await AwaitAcquaintanceAsync(context, window, targetIds, cancellationToken);
        foreach (Node node in context.Source.Nodes)
        {
            RespConnection source = await window.ToAsync(node, cancellationToken);
            await GarnetReplicator.CutAsync(source, window.Access, context.Target.Colour, cancellationToken);
            await source.ForgetAsync(targetIds, cancellationToken);
            await GarnetRole.AskAsync(source, cancellationToken);
        }

        await window.SecondAsync(window.Source, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task EndOpenWritesAsync(EngineContext context, CancellationToken cancellationToken)
    {
        GarnetWindow window = Window(context);
        await EndStraySessionsAsync(context, window, cancellationToken);
        await BarrierAsync(context, window, unblock: true, cancellationToken);
        await DemandFaithfulAsync(context, window, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ClusterPosition> ReadPositionAsync(EngineContext context, CancellationToken cancellationToken)
    {
        GarnetWindow window = Window(context);
        RespConnection source = await window.ToAsync(window.Source, cancellationToken);
        GarnetInfo info = await source.InfoAsync("replication", cancellationToken);
        if (info.LiveStreams < context.Target.Nodes.Count() && !await IsPromotedAsync(window, cancellationToken))
        {
            // A source that died and was restarted counts in the same history, but may have lost what target has and have taken other writes since.
            throw new UpgradeException("StreamEnded", $"{window.Source} does not stream to all nodes of {context.Target.Colour} any more: one of them was restarted, or the link broke.", "Writes open on the source again. Start replication anew.", FailureCategory.WrongState) { Target = window.Source.Name };
        }

        return PositionOf(GarnetShard.Of(context.Source), info);
    }

    /// <inheritdoc/>
    public async Task DrainAsync(EngineContext context, ClusterPosition position, CancellationToken cancellationToken)
    {
        GarnetWindow window = Window(context);
        Shard shard = GarnetShard.Of(context.Target);
        GarnetPosition wanted = GarnetPosition.Parse(position.ByShard[GarnetShard.Of(context.Source).Name]);
        await Task.WhenAll(shard.Nodes.OrderBy(node => node.Role).Take(1 + context.Service.DataClass.HotReplicas)
            .Select(node => DrainNodeAsync(context, window, node, wanted, cancellationToken)));
    }

    /// <inheritdoc/>
    public Task FinalizeAsync(EngineContext context, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<ClusterPosition> PromoteAsync(EngineContext context, CancellationToken cancellationToken)
    {
        GarnetWindow window = Window(context);
        RespConnection target = await window.ToAsync(window.Target, cancellationToken);
        if (!await IsPromotedAsync(window, cancellationToken))
        {
            await target.ExecuteAsync(["CLUSTER", "FAILOVER", "TAKEOVER"], cancellationToken);
        }

        // It says that it is a primary a moment before it serves; until then it answers CLUSTERDOWN.
        await GarnetWait.DemandAsync(
            async token => await target.InfoAsync("replication", token) is var info && info["role"] == "master" && info["recover_status"] == "NoRecovery",
            context.Service.Limits.WindowDeadline, Interval, context.Clock, $"{window.Target} had not become a primary", cancellationToken);

        if (!await target.OwnsAllSlotsAsync(cancellationToken))
        {
            throw new UpgradeException("PromotionFailed", $"{window.Target} is a primary, but does not own all slots.", "Writes open on the source again. Start replication anew.") { Target = window.Target.Name };
        }

        return PositionOf(GarnetShard.Of(context.Target), await target.InfoAsync("replication", cancellationToken));
    }

    /// <inheritdoc/>
    public async Task DemoteAsync(EngineContext context, CancellationToken cancellationToken)
    {
        // Target is left fenced: starting replication empties it and fills it anew. All it must not do is talk to source, which was cut before the window.
        if (_windows.TryRemove(Key(context), out GarnetWindow? window))
        {
            await window.DisposeAsync();
        }
    }

    private static ClusterPosition PositionOf(Shard shard, GarnetInfo info) => new(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [shard.Name] = new GarnetPosition(info["master_replid"], info.Number("master_repl_offset")).ToString(),
    });

    private static async Task<bool> IsPromotedAsync(GarnetWindow window, CancellationToken cancellationToken) =>
        (await GarnetRole.AskAsync(await window.ToAsync(window.Target, cancellationToken), cancellationToken)).IsPrimary;

    // A stream that is only coming up looks for target's address among the nodes that source knows: it must be up before target is forgotten.
    private static async Task AwaitStreamsAsync(EngineContext context, GarnetWindow window, CancellationToken cancellationToken)
    {
        if (!await IsPromotedAsync(window, cancellationToken))
        {
            RespConnection source = await window.ToAsync(window.Source, cancellationToken);
            await GarnetWait.DemandAsync(
                async token => (await source.InfoAsync("replication", token)).LiveStreams >= context.Target.Nodes.Count(),
                context.Service.Limits.Answer, Interval, context.Clock, $"{window.Source} did not stream to all nodes of {context.Target.Colour}", cancellationToken);
        }
    }

    // Whoever takes over asks those to follow it of whom it has heard that they follow the old primary; they hear of each other through source's gossip.
    private static async Task AwaitAcquaintanceAsync(EngineContext context, GarnetWindow window, List<string> targetIds, CancellationToken cancellationToken)
    {
        if (targetIds.Count > 1 && !await IsPromotedAsync(window, cancellationToken))
        {
            RespConnection target = await window.ToAsync(window.Target, cancellationToken);
            await GarnetWait.DemandAsync(
                async token => (await target.MembersAsync(token)).Count(member => member.PrimaryId is not null && targetIds.Contains(member.Id)) == targetIds.Count,
                context.Service.Limits.Answer, TimeSpan.FromMilliseconds(50), context.Clock, $"{window.Target} did not know the other nodes of {context.Target.Colour} as replicas", cancellationToken);
        }
    }

    // Applied, and in the log that the node would recover from: the log of a replica has the same offsets as its primary's.
    private static async Task DrainNodeAsync(EngineContext context, GarnetWindow window, Node node, GarnetPosition wanted, CancellationToken cancellationToken)
    {
        RespConnection target = await window.ToAsync(node, cancellationToken);
        TimeSpan deadline = context.Service.Limits.WindowDeadline;
        GarnetInfo info = await target.InfoAsync("replication", cancellationToken);
        if (info["master_replid"] != wanted.ReplicationId && info["master_replid2"] != wanted.ReplicationId)
        {
            throw new UpgradeException("HistoryDiffers", $"{node} follows another history than the one whose position was read.", "Writes open on the source again. Start replication anew.", FailureCategory.WrongState) { Target = node.Name };
        }

        await GarnetWait.DemandAsync(
            async token => (await GarnetRole.AskAsync(target, token)).Offset >= wanted.Offset,
            deadline, Interval, context.Clock, $"{node} had not applied position {wanted.Offset.ToString(CultureInfo.InvariantCulture)}", cancellationToken);
        await GarnetWait.DemandAsync(
            async token => (await target.InfoAsync("persistence", token)).Number("CommittedUntilAddress") >= wanted.Offset,
            deadline, Interval, context.Clock, $"{node} had not committed position {wanted.Offset.ToString(CultureInfo.InvariantCulture)} to its log", cancellationToken);
    }

    /// <summary>
    /// A session that signed in before an ACL LOAD, or whose user was deleted, keeps its rights whatever is done to the users (seen in 2.2.2 and 2.2.8).
    /// The server's own statistics prove that there was neither; where they are off, all sessions of clients are ended, and come back under the fence.
    /// </summary>
    private static async Task EndStraySessionsAsync(EngineContext context, GarnetWindow window, CancellationToken cancellationToken)
    {
        foreach (Node node in context.Source.Nodes)
        {
            RespConnection second = await window.SecondAsync(node, cancellationToken);
            if (GarnetStraySessions.ArePossible(await second.InfoAsync("commandstats", cancellationToken)))
            {
                await GarnetStraySessions.EndAsync(second, cancellationToken);
            }
        }
    }

    private static async Task DemandFaithfulAsync(EngineContext context, GarnetWindow window, CancellationToken cancellationToken)
    {
        RespConnection second = await window.SecondAsync(window.Source, cancellationToken);
        await GarnetUnreplicated.DemandUnusedAsync(context, await second.InfoAsync("commandstats", cancellationToken), cancellationToken);
    }

    private static async Task BarrierAsync(EngineContext context, GarnetWindow window, bool unblock, CancellationToken cancellationToken)
    {
        RespConnection source = await window.ToAsync(window.Source, cancellationToken);
        RespConnection second = await window.SecondAsync(window.Source, cancellationToken);
        Task barrier = source.BarrierAsync(cancellationToken);
        HashSet<long> unblocked = [];
        long start = context.Clock.GetTimestamp();
        while (await Task.WhenAny(barrier, Task.Delay(BarrierPatience, context.Clock, cancellationToken)) != barrier)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int ended = unblock ? await second.UnblockAsync(unblocked, cancellationToken) : 0;
            if (ended == 0 && context.Clock.GetElapsedTime(start) > context.Service.Limits.TransactionGrace)
            {
                if (!unblock)
                {
                    // In the rehearsal nobody is disturbed: a blocked command may wait for as long as it likes.
                    return;
                }

                throw new UpgradeException("WriteStillRunning", $"A command on {window.Source} has run for longer than the grace time and cannot be ended.", "Find long scripts and blocking commands among its clients, and switch when they have ended.", FailureCategory.Timeout) { Target = window.Source.Name };
            }
        }

        await barrier;
    }

    private static string Key(EngineContext context) => $"{context.UpgradeId}/{context.Target.Colour}";

    private GarnetWindow Window(EngineContext context) => _windows.GetOrAdd(Key(context), _ => new GarnetWindow(context));
}
