using System.Net;
using System.Net.Sockets;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis.Relay;

/// <summary>Makes blue follow the relay, without a moment in which blue is fed by two relays or by none that counts.</summary>
internal sealed class RelayAttachment(RespConnection blue, RelayStart start, bool tls)
{
    private const int MostRounds = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Attaches blue. When this returns, the link to an older relay is gone with all that was in it, and the bookkeeping says what blue has.</summary>
    /// <param name="listener">Where blue is to connect to.</param>
    /// <param name="address">The address of this machine as blue sees it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Blue, which waits for the answer to its PSYNC, and how far it is; null when blue was promoted and needs no relay any more.</returns>
    /// <exception cref="WayBackEndedException">What blue has cannot be known.</exception>
    public async Task<(RelayedReplica Replica, RelayPoint Point)?> RunAsync(TcpListener listener, IPAddress address, CancellationToken cancellationToken)
    {
        bool again = false;
        for (int round = 0; round < MostRounds; round++)
        {
            if (!await RedirectAsync(address.ToString(), ((IPEndPoint)listener.LocalEndpoint).Port, again, cancellationToken))
            {
                return null;
            }

            string id = (await blue.InfoAsync("replication", cancellationToken))["master_replid"];
            using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(Patience);
            RelayedReplica replica = await RelayedReplica.AcceptAsync(listener, id, patience.Token);
            if (!replica.WantsFullCopy)
            {
                return (replica, await ReadPointAsync(cancellationToken));
            }

            again = true;
            await replica.DisposeAsync();
        }

        throw new IOException("Blue keeps asking for a full copy.");
    }

    // WATCH makes this one act with what was read: a promotion or an opening in between removes the key, and then blue is not touched.
    private async Task<bool> RedirectAsync(string address, int port, bool again, CancellationToken cancellationToken)
    {
        while (true)
        {
            await blue.ExecuteAsync(["WATCH", RelayPoint.Key, RelayPoint.LeftKey], cancellationToken);
            RelayPoint? point = RelayPoint.Parse(await blue.ExecuteAsync(["HGETALL", RelayPoint.Key], cancellationToken));
            RespValue left = await blue.ExecuteAsync(["HGETALL", RelayPoint.LeftKey], cancellationToken);
            RelayPoint? was = start is { IsFirst: true, IsThrownBack: true } ? RelayPoint.Parse(left) : null;
            RedisInfo info = await blue.InfoAsync("everything", cancellationToken);
            if (point is null && was is null && (!start.IsFirst || start.IsThrownBack))
            {
                await blue.ExecuteAsync(["UNWATCH"], cancellationToken);
                return false;
            }

            // The pause of the fence ends right before the node becomes a replica, which does not end keys by itself either.
            List<RespCommand> act = [RedisFence.Go, ["MULTI"]];
            if (tls)
            {
                // From blue to a relay on its own machine the stream needs no encryption, and the relay has no certificate.
                act.Add(["CONFIG", "SET", "tls-replication", "no"]);
            }

            if (point is null && was is not null)
            {
                if (!RelayPoint.IsUntouched(left, info))
                {
                    throw new WayBackEndedException("Blue was restarted, or has ended keys by itself, since it was promoted in a window that came to nothing: it may differ from green.");
                }

                act.AddRange([["DEL", RelayPoint.LeftKey], (was with { Errors = info.Number("unexpected_error_replies") }).ToCommand()]);
            }
            else if (point is null)
            {
                EnsureUntouched(info);
                act.Add(new RelayPoint(start.Green.ReplicationId, start.Green.Offset, 0, info["run_id"], info.Number("unexpected_error_replies")).ToCommand());
            }
            else
            {
                EnsureNoErrors(point, info);
            }

            if (again)
            {
                act.Add(["REPLICAOF", "NO", "ONE"]);
            }

            act.AddRange([["REPLICAOF", address, port], ["EXEC"]]);
            IReadOnlyList<RespValue> replies = await blue.PipelineAsync(act, cancellationToken);
            if (!replies[^1].ThrowIfError().IsNull)
            {
                return true;
            }
        }
    }

    private void EnsureUntouched(RedisInfo info)
    {
        if (info["role"] != "master" || info["master_replid"] != start.BlueReplicationId)
        {
            throw new WayBackEndedException("Blue was restarted, or made to follow another server, after its position was read and before the relay began: what it has cannot be known.");
        }
    }

    /// <summary>Blue counts every command of its primary that it answered with an error: one means that it differs from green now.</summary>
    public static void EnsureNoErrors(RelayPoint point, RedisInfo info)
    {
        if (info["run_id"] == point.RunId && info.Number("unexpected_error_replies") > point.Errors)
        {
            throw new WayBackEndedException($"Blue answered a command of green's stream with an error (see errorstats and the log of blue), near offset {point.Offset}.");
        }
    }

    private async Task<RelayPoint> ReadPointAsync(CancellationToken cancellationToken)
    {
        RelayPoint point = RelayPoint.Parse(await blue.ExecuteAsync(["HGETALL", RelayPoint.Key], cancellationToken))
            ?? throw new WayBackEndedException("The relay's bookkeeping vanished from blue.");
        RedisInfo info = await blue.InfoAsync("everything", cancellationToken);
        EnsureNoErrors(point, info);
        return point.RunId == info["run_id"] ? point : point with { RunId = info["run_id"], Errors = info.Number("unexpected_error_replies") };
    }
}
