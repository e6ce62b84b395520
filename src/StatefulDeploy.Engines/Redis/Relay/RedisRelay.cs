using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Posix;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis.Relay;

/// <summary>
/// Feeds a blue that cannot load green's snapshots with green's stream of changes. To green it is a replica that asks for a partial copy; to blue it
/// is a primary. It wraps what it passes on into transactions with the bookkeeping of how far they reach, so that a kill of the relay or of blue at
/// any point neither doubles nor skips a change.
/// </summary>
internal sealed class RedisRelay(Node green, Node blue, RedisAccess access, RelayStart start, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private RelayStart _start = start;

    /// <summary>Runs until blue is promoted or the token is cancelled. Broken links are made anew.</summary>
    /// <exception cref="WayBackEndedException">It cannot go on without losing or doubling a change.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (!await RunSessionAsync(cancellationToken))
                {
                    return;
                }
            }
            catch (Exception exception) when (IsPassing(exception) && !cancellationToken.IsCancellationRequested)
            {
                // Whatever broke, the bookkeeping in blue says where to go on.
            }
            catch (Exception exception) when (IsPassing(exception))
            {
                // Being ended looks like a broken link where the link is seen first.
                throw new OperationCanceledException("The relay was ended.", exception, cancellationToken);
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    private static bool IsPassing(Exception exception) => exception
        is IOException or SocketException or TimeoutException or OperationCanceledException or RespServerException or RespProtocolException
        or UpgradeException { Category: FailureCategory.Unreachable };

    private async Task<bool> RunSessionAsync(CancellationToken cancellationToken)
    {
        await using RespConnection upstream = await access.ConnectControlAsync(green, "relay", cancellationToken);
        await using RespConnection control = await access.ConnectControlAsync(blue, "relay", cancellationToken);
        RelayCommandTable table = await RelayCommandTable.LoadAsync(control, cancellationToken);
        IPAddress address = await AddressAsync(control, cancellationToken);
        if (access.UsesTls && !IPAddress.IsLoopback(address))
        {
            throw new WayBackEndedException("Blue is on another machine than the relay, which does not speak TLS to it.");
        }

        using TcpListener listener = new(IPAddress.IsLoopback(address) ? address : IPAddress.Any, 0);
        listener.Start();
        if (await new RelayAttachment(control, _start, access.UsesTls).RunAsync(listener, address, cancellationToken) is not var (replica, point))
        {
            return false;
        }

        _start = _start with { IsFirst = false };
        await using (replica)
        {
            await using RespCommandStream stream = await FollowAsync(upstream, point, cancellationToken);
            await replica.ContinueAsync(Convert.ToHexString(RandomNumberGenerator.GetBytes(20)).ToLowerInvariant(), cancellationToken);
            SessionShare.StepForward();
            await PumpAsync(stream, replica, control, new RelayBatch(table, point), cancellationToken);
        }

        return true;
    }

    /// <summary>Our address as blue sees it.</summary>
    private static async Task<IPAddress> AddressAsync(RespConnection control, CancellationToken cancellationToken)
    {
        string line = (await control.ExecuteAsync(["CLIENT", "INFO"], cancellationToken)).AsString();
        string endpoint = line.Split(' ').First(word => word.StartsWith("addr=", StringComparison.Ordinal))["addr=".Length..];
        return IPEndPoint.Parse(endpoint).Address;
    }

    // Green answers CONTINUE as long as its backlog reaches back and its history is the same; anything else would be another state than blue has.
    private async Task<RespCommandStream> FollowAsync(RespConnection upstream, RelayPoint point, CancellationToken cancellationToken)
    {
        await upstream.ExecuteAsync(["REPLCONF", "listening-port", blue.Endpoint.Port], cancellationToken);
        await upstream.ExecuteAsync(["REPLCONF", "capa", "psync2"], cancellationToken);
        (RespValue reply, RespCommandStream stream) = await upstream.DetachAsync(["PSYNC", point.ReplicationId, point.Offset + 1], cancellationToken);
        string answer = reply.AsString();
        if (answer == "CONTINUE" || answer == $"CONTINUE {point.ReplicationId}")
        {
            return stream;
        }

        await stream.DisposeAsync();
        throw new WayBackEndedException(answer.StartsWith("FULLRESYNC", StringComparison.Ordinal)
            ? $"Green cannot go on from offset {point.Offset}: its backlog does not reach back that far, or it was restarted."
            : "Green was restarted: its history is another one.");
    }

    private static async Task PumpAsync(RespCommandStream stream, RelayedReplica replica, RespConnection control, RelayBatch batch, CancellationToken cancellationToken)
    {
        Task<RespStreamedCommand> next = stream.ReadAsync(cancellationToken).AsTask();
        while (true)
        {
            if (await Task.WhenAny(next, replica.Gone) != next)
            {
                await replica.Gone;
            }

            batch.Add(await next);
            next = stream.ReadAsync(cancellationToken).AsTask();
            if (batch.IsWhole && (batch.IsFull || !next.IsCompleted))
            {
                RelayPoint reached = batch.Point;
                await replica.ApplyAsync(batch.Take(), cancellationToken);
                RelayAttachment.EnsureNoErrors(reached, await control.InfoAsync("everything", cancellationToken));
                await stream.AcknowledgeAsync(reached.Offset, cancellationToken);
            }
        }
    }
}
