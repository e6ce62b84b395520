using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>
/// Replication by Garnet's own means: every node of target is met by source's primary and follows it (Garnet has no replicas of replicas).
/// Each cluster's nodes log in at others with a link user of their own, so that either side can be cut from the other without a restart.
/// </summary>
internal sealed class GarnetReplicator : IReplicator
{
    private const string Purpose = "replicator";
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    // A ban that FORGET has left ends with the next round of gossip, every 5 s unless configured otherwise.
    private static readonly TimeSpan MeetDeadline = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public async Task StartAsync(EngineContext context, ClusterPosition? from, CancellationToken cancellationToken)
    {
        GarnetAccess access = new(context.Service, context.Secrets);
        await using GarnetConnections connections = new(access, Purpose);
        RespConnection source = await connections.ToAsync(GarnetShard.Of(context.Source).Primary, cancellationToken);
        await source.EnsureEpochAsync(cancellationToken);
        await LinkAsync(context, access, connections, cancellationToken);
        await KeepReplicasAsync(context, access, connections, source, cancellationToken);
        if (!await AllFollowAsync(context, connections, source, cancellationToken))
        {
            await GarnetUnreplicated.NoteAsync(context, source, cancellationToken);
            await EnsureOriginAsync(context, source, cancellationToken);
            foreach (Node node in context.Target.Nodes)
            {
                await RefillAsync(context, access, connections, source, node, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<ReplicationStatus> GetStatusAsync(EngineContext context, CancellationToken cancellationToken)
    {
        ReplicationStatus status = new() { Service = context.Service.Name, Source = context.Source.Colour };
        try
        {
            await using GarnetConnections connections = new(new GarnetAccess(context.Service, context.Secrets), Purpose);
            RespConnection source = await connections.ToAsync(GarnetShard.Of(context.Source).Primary, cancellationToken);
            GarnetInfo info = await source.InfoAsync("replication", cancellationToken);
            foreach (Node node in context.Target.Nodes)
            {
                status = Worse(status, await OfNodeAsync(info, node, await connections.ToAsync(node, cancellationToken), cancellationToken));
            }

            return status;
        }
        catch (Exception exception) when (exception is UpgradeException or RespConnectionException or RespServerException or TimeoutException)
        {
            return status with { State = ReplicationState.Broken, Message = exception.Message };
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(EngineContext context, CancellationToken cancellationToken)
    {
        GarnetAccess access = new(context.Service, context.Secrets);
        await using GarnetConnections connections = new(access, Purpose);
        List<string> targetIds = [];
        foreach (Node node in context.Target.Nodes)
        {
            if (await TryConnectAsync(connections, node, cancellationToken) is { } target)
            {
                targetIds.Add(await target.MyIdAsync(cancellationToken));
                await LeaveAsync(context, access, target, context.Source.Colour, cancellationToken);
            }
        }

        foreach (Node node in context.Source.Nodes)
        {
            if (await TryConnectAsync(connections, node, cancellationToken) is { } source)
            {
                await CutAsync(source, access, context.Target.Colour, cancellationToken);
                await source.ForgetAsync(targetIds, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Takes all rights from the user with which a cluster's nodes log in. The user itself stays: to delete it would free its open sessions from the ACL.
    /// </summary>
    public static async Task CutAsync(RespConnection connection, GarnetAccess access, ClusterColour colour, CancellationToken cancellationToken) =>
        await connection.ExecuteAsync((access.Link(colour) with { Rules = ["off", "-@all"] }).ToCommand(), cancellationToken);

    // Source's primary logs in at all others with its link, target's nodes with theirs. Target's link is not known to source's replicas:
    // a primary that takes over asks all replicas of the old one to follow it, and those must not.
    private static async Task LinkAsync(EngineContext context, GarnetAccess access, GarnetConnections connections, CancellationToken cancellationToken)
    {
        foreach (Node node in context.Source.Nodes.Concat(context.Target.Nodes))
        {
            await LinkNodeAsync(context, access, await connections.ToAsync(node, cancellationToken), node, cancellationToken);
        }
    }

    private static async Task LinkNodeAsync(EngineContext context, GarnetAccess access, RespConnection connection, Node node, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(access.Link(context.Source.Colour).ToCommand(), cancellationToken);
        if (node == GarnetShard.Of(context.Source).Primary || node.Colour == context.Target.Colour)
        {
            await connection.ExecuteAsync(access.Link(context.Target.Colour).ToCommand(), cancellationToken);
            await connection.ExecuteAsync(["CONFIG", "SET", "cluster-username", GarnetAccess.LinkName(node.Colour)], cancellationToken);
            await connection.ExecuteAsync(["CONFIG", "SET", "cluster-password", access.LinkPassword(node.Colour)], cancellationToken);
        }
    }

    // A replica of source that still follows target was not reached when source took over from there. One that followed source's promotion on its own did so
    // in its old process, and may have stopped to replay: see GarnetProvisioner.RenewAsync. Both are filled anew, once a promotion.
    private static async Task KeepReplicasAsync(EngineContext context, GarnetAccess access, GarnetConnections connections, RespConnection source, CancellationToken cancellationToken)
    {
        Shard shard = GarnetShard.Of(context.Source);
        GarnetInfo info = await source.InfoAsync("replication", cancellationToken);
        if (info["master_replid2"].Length == 0)
        {
            return;
        }

        foreach (Node replica in shard.Replicas)
        {
            IHost host = context.Hosts[replica.Host];
            bool isOurs = replica.DataDirectory is { } folder && await GarnetProcess.ReadAsync(folder, host, cancellationToken) is not null;
            if (isOurs && await host.ReadFileAsync(FollowedOf(replica), cancellationToken) != info["master_replid"])
            {
                await GarnetProvisioner.RestartEmptyAsync(context, replica, hasServed: false, cancellationToken);
                RespConnection connection = await connections.ToAsync(replica, cancellationToken);
                await LinkNodeAsync(context, access, connection, replica, cancellationToken);
                await AttachAsync(context, source, shard.Primary, connection, replica, cancellationToken);
                await host.WriteFileAsync(FollowedOf(replica), info["master_replid"], UnixFileMode.UserRead | UnixFileMode.UserWrite, cancellationToken);
            }
        }
    }

    // The log alone, where it is complete and carries everything. Else a new checkpoint, whose few repeated writes the comparison finds: then another is
    // taken. On the way back nothing is compared, so there it has to be the log.
    private static async Task EnsureOriginAsync(EngineContext context, RespConnection source, CancellationToken cancellationToken)
    {
        GarnetInfo statistics = await source.InfoAsync("commandstats", cancellationToken);
        bool isExact = await GarnetLog.IsCompleteAsync(source, cancellationToken) && GarnetUnreplicated.AreUnused(context.Service, context.Source.Version, statistics);
        if (isExact && (!context.IsReverse || await GarnetUnreplicated.AreCountedSinceFillingAsync(context, cancellationToken)))
        {
            return;
        }

        if (context.IsReverse)
        {
            throw new UpgradeException(
                "WayBackEnded",
                $"{context.Target.Colour} cannot follow {context.Source.Colour} exactly any more: a checkpoint was taken there, it was restarted, or clients have used one of {string.Join(", ", GarnetUnreplicated.Of(context.Source.Version)).ToUpperInvariant()}.",
                $"{context.Source.Colour} serves on; there is no way back without loss.",
                FailureCategory.WrongState) { Target = GarnetShard.Of(context.Source).Primary.Name };
        }

        await GarnetCheckpoint.TakeAsync(source, context, cancellationToken);
    }

    private static async Task<bool> AllFollowAsync(EngineContext context, GarnetConnections connections, RespConnection source, CancellationToken cancellationToken)
    {
        foreach (Node node in context.Target.Nodes)
        {
            if (!await FollowsAsync(source, await connections.ToAsync(node, cancellationToken), cancellationToken))
            {
                return false;
            }
        }

        return (await GarnetUnreplicated.UsedAsync(context, await source.InfoAsync("commandstats", cancellationToken), cancellationToken)).Count == 0;
    }

    private static async Task<bool> FollowsAsync(RespConnection source, RespConnection target, CancellationToken cancellationToken)
    {
        string sourceId = await source.MyIdAsync(cancellationToken);
        GarnetMember self = (await target.MembersAsync(cancellationToken)).Single(member => member.IsMyself);
        if (self.PrimaryId != sourceId)
        {
            return false;
        }

        GarnetInfo mine = await target.InfoAsync("replication", cancellationToken);
        GarnetInfo theirs = await source.InfoAsync("replication", cancellationToken);
        return mine["master_sync_in_progress"] == "True" || (mine["master_replid"] == theirs["master_replid"] && theirs.LiveStreams > 0);
    }

    /// <summary>Makes a node that is new, or was started anew, a replica of source's primary.</summary>
    public static async Task AttachAsync(EngineContext context, RespConnection source, Node primary, RespConnection target, Node node, CancellationToken cancellationToken)
    {
        await MeetAsync(context, source, primary, target, node, cancellationToken);
        string sourceId = await source.MyIdAsync(cancellationToken);
        await GarnetWait.DemandAsync(
            async token => !(await target.SendAsync(["CLUSTER", "REPLICATE", sourceId, "ASYNC"], token)).IsError,
            MeetDeadline, Interval, context.Clock, $"{node} could not be made to follow {primary}", cancellationToken);
    }

    private static async Task RefillAsync(EngineContext context, GarnetAccess access, GarnetConnections connections, RespConnection source, Node node, CancellationToken cancellationToken)
    {
        RespConnection target = await connections.ToAsync(node, cancellationToken);
        if (!await IsNewAsync(target, cancellationToken))
        {
            await DemandClosedAsync(context, target, node, cancellationToken);
            bool hasServed = context.IsReverse && (await target.MembersAsync(cancellationToken)).Single(member => member.IsMyself).PrimaryId is null;
            await GarnetProvisioner.RenewAsync(context, node, hasServed, cancellationToken);
        }

        target = await connections.ToAsync(node, cancellationToken);
        await LinkNodeAsync(context, access, target, node, cancellationToken);
        await AttachAsync(context, source, GarnetShard.Of(context.Source).Primary, target, node, cancellationToken);
        await GarnetUnreplicated.NoteProcessAsync(context, node, cancellationToken);
    }

    private static async Task<bool> IsNewAsync(RespConnection target, CancellationToken cancellationToken)
    {
        IReadOnlyList<GarnetMember> members = await target.MembersAsync(cancellationToken);
        return members is [{ PrimaryId: null, SlotCount: 0 }] && (await target.ExecuteAsync(["DBSIZE"], cancellationToken)).AsInt64() == 0;
    }

    // A stream that goes on would write into the node after it has left: it is cut first, and nobody can begin a new one until the link is made again.
    private static async Task LeaveAsync(EngineContext context, GarnetAccess access, RespConnection target, ClusterColour streams, CancellationToken cancellationToken)
    {
        await CutAsync(target, access, streams, cancellationToken);
        foreach (GarnetClient client in await GarnetClient.ListAsync(target, cancellationToken))
        {
            if (client.User == GarnetAccess.LinkName(streams))
            {
                await target.SendAsync(["CLIENT", "KILL", "ID", client.Id], cancellationToken);
            }
        }

        IReadOnlyList<GarnetMember> members = await target.MembersAsync(cancellationToken);
        GarnetMember self = members.Single(member => member.IsMyself);
        if (self.PrimaryId is not null)
        {
            // Refused for a moment while it takes a checkpoint of its own, which a replica does when its primary has done so.
            await GarnetWait.DemandAsync(
                async token => !(await target.SendAsync(["REPLICAOF", "NO", "ONE"], token)).IsError,
                MeetDeadline, Interval, context.Clock, "a replica could not be made to leave its primary", cancellationToken);
        }

        if (self.SlotCount > 0)
        {
            await target.ExecuteAsync(["CLUSTER", "DELSLOTSRANGE", "0", GarnetCluster.Slots - 1], cancellationToken);
        }

        await target.ForgetAsync(members.Where(member => !member.IsMyself).Select(member => member.Id), cancellationToken);
    }

    private static async Task DemandClosedAsync(EngineContext context, RespConnection target, Node node, CancellationToken cancellationToken)
    {
        if (!await GarnetFence.IsClosedAsync(target, await GarnetCommands.AskAsync(target, cancellationToken), cancellationToken))
        {
            throw new UpgradeException("TargetNotClosed", $"{node} takes client writes, so it cannot be filled from {context.Source.Colour}.", "If this node serves clients, it is not the green of this upgrade: check the service file.", FailureCategory.Refused) { Target = node.Name };
        }
    }

    private static async Task MeetAsync(EngineContext context, RespConnection source, Node primary, RespConnection target, Node node, CancellationToken cancellationToken)
    {
        string sourceId = await source.MyIdAsync(cancellationToken);
        string targetId = await target.MyIdAsync(cancellationToken);
        await GarnetWait.DemandAsync(
            async token =>
            {
                await target.ExecuteAsync(["CLUSTER", "MEET", primary.Endpoint.Host, primary.Endpoint.Port], token);
                return await GarnetWait.UntilAsync(
                    async inner => await KnowsAsync(target, sourceId, inner) && await KnowsAsync(source, targetId, inner),
                    TimeSpan.FromSeconds(1), Interval, context.Clock, token);
            },
            MeetDeadline, Interval, context.Clock, $"{node} and {primary} had not met", cancellationToken);
    }

    private static async Task<bool> KnowsAsync(RespConnection connection, string id, CancellationToken cancellationToken) =>
        (await connection.MembersAsync(cancellationToken)).Any(member => member.Id == id);

    private static async Task<RespConnection?> TryConnectAsync(GarnetConnections connections, Node node, CancellationToken cancellationToken)
    {
        try
        {
            return await connections.ToAsync(node, cancellationToken);
        }
        catch (UpgradeException exception) when (exception.Category == FailureCategory.Unreachable)
        {
            // Whoever is not there follows nobody.
            return null;
        }
    }

    private static async Task<ReplicationStatus> OfNodeAsync(GarnetInfo source, Node node, RespConnection target, CancellationToken cancellationToken)
    {
        GarnetInfo info = await target.InfoAsync("replication", cancellationToken);
        if (info["role"] != "slave")
        {
            return new ReplicationStatus { State = ReplicationState.None, Message = $"{node} follows nobody." };
        }

        if (info["master_sync_in_progress"] == "True" || info["master_replid"] != source["master_replid"])
        {
            return new ReplicationStatus { State = ReplicationState.Copying, Message = $"{node} is being filled." };
        }

        long lag = Math.Max(0, source.Number("master_repl_offset") - info.Number("master_repl_offset"));
        return (source.LiveStreams, source.Number("sync_driver_count")) switch
        {
            ( > 0, _) => new ReplicationStatus { State = ReplicationState.Streaming, LagBytes = lag },
            (_, > 0) => new ReplicationStatus { State = ReplicationState.Copying, LagBytes = lag, Message = $"The stream to {node} is coming up." },
            _ => new ReplicationStatus { State = ReplicationState.Broken, LagBytes = lag, Message = $"The stream to {node} has ended." },
        };
    }

    private static string FollowedOf(Node replica) => Path.Combine(replica.DataDirectory!, "statefuldeploy-followed");

    private static ReplicationStatus Worse(ReplicationStatus total, ReplicationStatus node)
    {
        // None, Copying, Broken and Streaming from worst to best, except that a broken one is worst of all.
        static int Rank(ReplicationState state) => state switch { ReplicationState.Broken => 0, ReplicationState.None => 1, ReplicationState.Copying => 2, _ => 3 };
        bool first = total.State == ReplicationState.None && total.Message.Length == 0;
        ReplicationStatus worse = first || Rank(node.State) < Rank(total.State) ? node : total;
        long? lag = first ? node.LagBytes : (total.LagBytes, node.LagBytes) is ({ } one, { } other) ? Math.Max(one, other) : null;
        return total with { State = worse.State, Message = worse.Message, LagBytes = worse.State == ReplicationState.Streaming ? lag : worse.LagBytes };
    }
}
