using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;

namespace StatefulDeploy.Guard;

/// <summary>The guard's socket: one line a request, one line a reply, any number under way on a connection.</summary>
internal sealed class GuardServer : IDisposable
{
    private readonly Socket _listener;
    private readonly GuardDaemon _daemon;
    private readonly GuardLog _log;
    private readonly ConcurrentDictionary<Task, bool> _connections = new();

    private GuardServer(Socket listener, GuardDaemon daemon, GuardLog log)
    {
        _listener = listener;
        _daemon = daemon;
        _log = log;
    }

    /// <summary>Clients connected.</summary>
    public int Connections => _connections.Count;

    /// <summary>When a client was last connected, in milliseconds since boot.</summary>
    public long LastSeen { get; private set; } = Environment.TickCount64;

    /// <summary>Makes the socket in the guard's folder. Whoever holds the lock may remove one that a dead guard left.</summary>
    public static GuardServer Listen(GuardFolder folder, GuardDaemon daemon, GuardLog log)
    {
        File.Delete(folder.Socket);
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        folder.WithSocket(address =>
        {
            listener.Bind(address);
            return true;
        });
        File.SetUnixFileMode(folder.Socket, Posix.DurableFile.OwnerOnly);
        listener.Listen(64);
        return new GuardServer(listener, daemon, log);
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var socket = await _listener.AcceptAsync(cancellationToken);
            var connection = new TaskCompletionSource();
            _connections.TryAdd(connection.Task, true);
            _ = ServeAsync(socket, connection, cancellationToken);
        }
    }

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync(Socket socket, TaskCompletionSource connection, CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            using var writing = new SemaphoreSlim(1, 1);
            await ReadAsync(new JsonLines(stream), writing, cancellationToken);
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or JsonException)
        {
            if (error is JsonException)
                _log.Write($"A client sent what is no request: {error.Message}");
        }
        finally
        {
            LastSeen = Environment.TickCount64;
            _connections.TryRemove(connection.Task, out _);
            connection.SetResult();
        }
    }

    private async Task ReadAsync(JsonLines lines, SemaphoreSlim writing, CancellationToken cancellationToken)
    {
        while (await lines.ReadAsync(GuardJson.Default.GuardRequest, cancellationToken) is { } request)
            _ = AnswerAsync(request, lines, writing, cancellationToken);
    }

    private async Task AnswerAsync(GuardRequest request, JsonLines lines, SemaphoreSlim writing, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await _daemon.HandleAsync(request, cancellationToken);
            await writing.WaitAsync(cancellationToken);
            try
            {
                await lines.WriteAsync(reply, GuardJson.Default.GuardReply, cancellationToken);
            }
            finally
            {
                writing.Release();
            }
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The client is gone. What it asked for was done or is going on all the same.
        }
        catch (Exception error)
        {
            _log.Write($"{request.Operation} failed unexpectedly, and its client gets no answer: {error}");
        }
    }
}
