using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;
using StatefulDeploy.Guard.Remote;

namespace StatefulDeploy.Guard;

/// <summary>The guard's socket: one line a request, one line a reply, any number under way on a connection.</summary>
internal sealed class GuardServer : IDisposable
{
    private readonly Socket _listener;
    private readonly GuardDaemon _daemon;
    private readonly GuardLog _log;
    private readonly ClientHosts _clients;
    private readonly ConcurrentDictionary<Task, bool> _connections = new();

    private GuardServer(Socket listener, GuardDaemon daemon, ClientHosts clients, GuardLog log)
    {
        _clients = clients;
        _listener = listener;
        _daemon = daemon;
        _log = log;
    }

    /// <summary>Clients connected.</summary>
    public int Connections => _connections.Count;

    /// <summary>When a client was last connected, in milliseconds since boot.</summary>
    public long LastSeen { get; private set; } = Environment.TickCount64;

    /// <summary>Makes the socket in the guard's folder. Whoever holds the lock may remove one that a dead guard left.</summary>
    public static GuardServer Listen(GuardFolder folder, GuardDaemon daemon, ClientHosts clients, GuardLog log)
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
        return new GuardServer(listener, daemon, clients, log);
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
            var lines = new JsonLines(stream);
            using var link = new ClientLink(lines);
            try
            {
                await ReadAsync(lines, link, cancellationToken);
            }
            finally
            {
                link.Close();
                _clients.Remove(link);
            }
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

    private async Task ReadAsync(JsonLines lines, ClientLink link, CancellationToken cancellationToken)
    {
        while (await lines.ReadAsync(GuardJson.Default.GuardRequest, cancellationToken) is { } request)
        {
            link.Heard(request.Answer);
            if (request.ReachesHosts)
                _clients.Add(link);

            if (request.Operation != GuardOperation.HostAnswer)
                _ = AnswerAsync(request, link, cancellationToken);
        }
    }

    private async Task AnswerAsync(GuardRequest request, ClientLink link, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await _daemon.HandleAsync(request, cancellationToken);
            await link.SendAsync(reply, cancellationToken);
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
