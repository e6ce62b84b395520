using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using StatefulDeploy.Load.Redis;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>
/// A client that goes past the router: it writes to one server directly, on a connection that it keeps, and takes every refusal for
/// what it is. What the server acknowledged it remembers, with the time it was sent and the time it was answered.
/// </summary>
internal sealed class PastRouterClient(string side, Func<CancellationToken, Task<RespSocket>> connect, TimeSpan pause) : IAsyncDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);
    private static int _clients;
    private readonly string _prefix = FormattableString.Invariant($"past:{side}:{Interlocked.Increment(ref _clients)}:");
    private readonly ConcurrentQueue<AcceptedWrite> _accepted = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private volatile bool _paused;
    private long _number;

    /// <summary>The writes that the server acknowledged.</summary>
    public IReadOnlyCollection<AcceptedWrite> Accepted => _accepted;

    /// <summary>The connection as an account to one server.</summary>
    public static Func<CancellationToken, Task<RespSocket>> To(IPEndPoint server, string? user, string? password) => async token =>
    {
        var socket = await RespSocket.ConnectAsync(server, token);
        if (password is not null)
        {
            socket.Request(user is null ? ["AUTH", password] : ["AUTH", user, password]);
            await socket.SendAsync(token);
            await socket.ReadAsync(token);
        }

        return socket;
    };

    public void Start() => _running = RunAsync(_stop.Token);

    /// <summary>Closes the connection and writes nothing until told to go on: a server with a client of ours on it is not retired.</summary>
    public void Pause() => _paused = true;

    public void Continue() => _paused = false;

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await WriteAsync(stop);
            }
            catch (Exception error) when (error is IOException or OperationCanceledException)
            {
                // Refused, gone, or told to stop: it looks again after a while.
                await Task.Delay(LookAgain, CancellationToken.None);
            }
        }
    }

    // Every other write is a transaction: a server keeps those in another form, and loses them in other ways.
    private async Task<bool> IsAcceptedAsync(RespSocket socket, string key, CancellationToken stop)
    {
        var transaction = _number % 2 == 0;
        if (transaction)
        {
            socket.Request("MULTI");
        }

        socket.Request("SET", key, side);
        if (transaction)
        {
            socket.Request("EXEC");
        }

        await socket.SendAsync(stop);
        for (var skip = transaction ? 2 : 0; skip > 0; skip--)
        {
            await socket.ReadAsync(stop);
        }

        var reply = await socket.ReadAsync(stop);
        return reply.Type != RespType.Error && reply.Items?.Any(item => item.Type == RespType.Error) != true;
    }

    private async Task WriteAsync(CancellationToken stop)
    {
        if (_paused)
        {
            await Task.Delay(LookAgain, stop);
            return;
        }

        using var socket = await connect(stop);
        while (!stop.IsCancellationRequested && !_paused)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"{_prefix}{_number++}");
            var sent = TimeProvider.System.GetTimestamp();
            if (await IsAcceptedAsync(socket, key, stop))
            {
                _accepted.Enqueue(new AcceptedWrite(side, key, sent, TimeProvider.System.GetTimestamp()));
            }

            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, stop);
            }
        }
    }
}
