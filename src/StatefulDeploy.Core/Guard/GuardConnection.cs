using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;

namespace StatefulDeploy.Guard;

/// <summary>One connection to a guard; any number of requests may be under way on it.</summary>
internal sealed class GuardConnection : IAsyncDisposable
{
    private readonly NetworkStream _stream;
    private readonly JsonLines _lines;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<long, TaskCompletionSource<GuardReply>> _waiting = new();
    private readonly Task _reading;
    private long _last;

    private GuardConnection(NetworkStream stream)
    {
        _stream = stream;
        _lines = new JsonLines(stream);
        _reading = ReadAsync();
    }

    /// <summary>For tests: whether this request, or the reply to it, is lost with the connection.</summary>
    internal static Func<GuardOperation, bool, bool> Loses { get; set; } = (_, _) => false;

    /// <summary>Whether it is broken, and only a new one can help.</summary>
    public bool IsBroken => _reading.IsCompleted;

    /// <exception cref="SocketException">Nobody listens.</exception>
    public static async Task<GuardConnection> OpenAsync(GuardFolder folder, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await folder.WithSocket(address => socket.ConnectAsync(address, cancellationToken).AsTask());
            return new GuardConnection(new NetworkStream(socket, ownsSocket: true));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request and waits for its reply.</summary>
    /// <exception cref="IOException">The connection broke: whether the request was done is unknown.</exception>
    public async Task<GuardReply> AskAsync(GuardRequest request, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = new TaskCompletionSource<GuardReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = answer;
        try
        {
            if (Loses(request.Operation, false))
                await _stream.DisposeAsync();

            await _writing.WaitAsync(cancellationToken);
            try
            {
                // Not cancelled half-way: half a line would spoil the ones behind it.
                await _lines.WriteAsync(request with { Id = id }, GuardJson.Default.GuardRequest, CancellationToken.None);
            }
            finally
            {
                _writing.Release();
            }

            if (_reading.IsCompleted)
                throw new IOException("The guard closed the connection.");

            var reply = await answer.Task.WaitAsync(cancellationToken);
            return Loses(request.Operation, true) ? throw new IOException("The reply was lost.") : reply;
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    /// <summary>For tests: loses one message of that operation.</summary>
    internal static Func<GuardOperation, bool, bool> LosesOnce(GuardOperation operation, bool reply)
    {
        var left = 1;
        return (other, answered) => other == operation && answered == reply && Interlocked.Exchange(ref left, 0) == 1;
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await _reading;
        _writing.Dispose();
    }

    private async Task ReadAsync()
    {
        Exception reason = new IOException("The guard closed the connection.");
        try
        {
            while (await _lines.ReadAsync(GuardJson.Default.GuardReply, CancellationToken.None) is { } reply)
                Deliver(reply);
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException or JsonException)
        {
            reason = new IOException("The connection to the guard broke.", error);
        }

        foreach (var waiting in _waiting.Values)
            waiting.TrySetException(reason);
    }

    private void Deliver(GuardReply reply)
    {
        if (_waiting.TryGetValue(reply.Id, out var waiting))
            waiting.TrySetResult(reply);
    }
}
