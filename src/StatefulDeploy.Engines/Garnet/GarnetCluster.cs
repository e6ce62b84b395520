using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>What a node believes of its cluster, and how it is told otherwise.</summary>
internal static class GarnetCluster
{
    /// <summary>The number of slots of a cluster.</summary>
    public const int Slots = 16384;

    /// <summary>The node's own id.</summary>
    public static async Task<string> MyIdAsync(this RespConnection connection, CancellationToken cancellationToken) =>
        (await connection.ExecuteAsync(["CLUSTER", "MYID"], cancellationToken)).AsString();

    /// <summary>Everyone whom the node knows, itself first.</summary>
    public static async Task<IReadOnlyList<GarnetMember>> MembersAsync(this RespConnection connection, CancellationToken cancellationToken)
    {
        string text = (await connection.ExecuteAsync(["CLUSTER", "NODES"], cancellationToken)).AsString();
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(GarnetMember.Parse)];
    }

    /// <summary>Whether the node owns all slots by its own belief.</summary>
    public static async Task<bool> OwnsAllSlotsAsync(this RespConnection connection, CancellationToken cancellationToken) =>
        (await connection.MembersAsync(cancellationToken)).Single(member => member.IsMyself).SlotCount == Slots;

    /// <summary>Gives the node, which knows nobody, all slots, and an epoch with which it keeps them.</summary>
    public static async Task EnsureOwnsAllSlotsAsync(this RespConnection connection, CancellationToken cancellationToken)
    {
        if (!await connection.OwnsAllSlotsAsync(cancellationToken))
        {
            await connection.ExecuteAsync(["CLUSTER", "ADDSLOTSRANGE", "0", Slots - 1], cancellationToken);
        }

        await connection.EnsureEpochAsync(cancellationToken);
    }

    /// <summary>One section of <c>INFO</c>.</summary>
    public static async Task<GarnetInfo> InfoAsync(this RespConnection connection, string section, CancellationToken cancellationToken) =>
        new((await connection.ExecuteAsync(["INFO", section], cancellationToken)).AsString());

    /// <summary>Makes the node forget others, and not hear of them again for the shortest time. To forget one that it does not know is no error here.</summary>
    public static async Task ForgetAsync(this RespConnection connection, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        foreach (string id in ids)
        {
            RespValue reply = await connection.SendAsync(["CLUSTER", "FORGET", id, "1"], cancellationToken);
            if (reply.IsError && !reply.AsString().Contains("don't know about node", StringComparison.Ordinal))
            {
                reply.ThrowIfError();
            }
        }
    }

    /// <summary>
    /// Gives the node an epoch above 0. A node of epoch 0 takes slots from whoever owns them when it is met
    /// (ClusterConfig.MergeSlotMap; seen: clients of the new primary were sent back to the old one).
    /// </summary>
    public static async Task EnsureEpochAsync(this RespConnection connection, CancellationToken cancellationToken)
    {
        GarnetInfo info = new((await connection.ExecuteAsync(["CLUSTER", "INFO"], cancellationToken)).AsString());
        if (info.Number("cluster_my_epoch") == 0)
        {
            await connection.ExecuteAsync(["CLUSTER", "BUMPEPOCH"], cancellationToken);
        }
    }

    /// <summary>
    /// Returns when every command that was under way at the call has ended: a change of the configuration, here one that changes nothing, waits for
    /// every session to leave what it is in. What a session does afterwards sees the ACL as it was at the call.
    /// A blocked command keeps it waiting, even one whose client has gone (seen in 2.2.2 and 2.2.8).
    /// </summary>
    public static async Task BarrierAsync(this RespConnection connection, CancellationToken cancellationToken) =>
        await connection.ExecuteAsync(["CLUSTER", "SETSLOT", "0", "STABLE"], cancellationToken);

    /// <summary>
    /// Gives blocked commands an error: they have done nothing. Also those whose clients have gone, which only this ends. None is told twice: to end a
    /// wait that is already ending makes the connection's next wait swallow what is pushed (2.2.2 and 2.2.8).
    /// </summary>
    /// <param name="connection">To the server.</param>
    /// <param name="ended">The connections whose commands were ended; those that are now are added.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many there were.</returns>
    public static async Task<int> UnblockAsync(this RespConnection connection, HashSet<long> ended, CancellationToken cancellationToken)
    {
        await AwaitDeliveryAsync(connection, cancellationToken);
        long[] ids = [.. (await GarnetClient.ListAsync(connection, cancellationToken)).Select(client => client.Id).Where(id => !ended.Contains(id))];
        IReadOnlyList<RespValue> replies = await connection.PipelineAsync([.. ids.Select<long, RespCommand>(id => ["CLIENT", "UNBLOCK", id, "ERROR"])], cancellationToken);
        long[] now = [.. ids.Zip(replies).Where(pair => !pair.Second.IsError && pair.Second.AsInt64() == 1).Select(pair => pair.First)];
        ended.UnionWith(now);
        return now.Length;
    }

    // Garnet answers a push before it hands the element to who waits for it, and loses the element if the wait is ended in between. One thread hands
    // over in the order of the pushes, so when an element of our own has come through, so have those before it.
    private static async Task AwaitDeliveryAsync(RespConnection connection, CancellationToken cancellationToken)
    {
        string key = $"statefuldeploy:delivered:{Guid.NewGuid():N}";
        await connection.ExecuteAsync(["RPUSH", key, "1"], cancellationToken);
        await connection.ExecuteAsync(["BLPOP", key, "1"], cancellationToken);
    }
}
