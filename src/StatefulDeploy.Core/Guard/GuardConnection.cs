using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;
using StatefulDeploy.Guard.Remote;

namespace StatefulDeploy.Guard;

/// <summary>One connection to a guard; any number of requests may be under way on it.</summary>
internal sealed class GuardConnection : IAsyncDisposable
{
    // What a pulse leaves room for twice, and less than what the guard gives a client up after: what was given up is never done late.
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(1);

    private readonly IAsyncDisposable _channel;
    private readonly JsonLines _lines;
    private readonly HostService? _hosts;
    private readonly CancellationTokenSource _ended = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<long, TaskCompletionSource<GuardReply>> _waiting = new();
    private readonly Task _reading;
    private readonly Task _pulsing;
    private long _last;
    private long _heard = Environment.TickCount64;
    private int _disposed;

    /// <summary>A connection on a channel.</summary>
    /// <param name="lines">What is said on it.</param>
    /// <param name="channel">What is disposed of with it.</param>
    /// <param name="hosts">What answers the calls of a guard on another machine; null for a guard on this one, which makes none.</param>
    public GuardConnection(JsonLines lines, IAsyncDisposable channel, HostService? hosts = null)
    {
        _channel = channel;
        _lines = lines;
        _hosts = hosts;
        _reading = ReadAsync();
        _pulsing = hosts is null ? Task.CompletedTask : PulseAsync();
    }

    /// <summary>For tests: whether this request, or the reply to it, is lost with the connection.</summary>
    internal static Func<GuardOperation, bool, bool> Loses { get; set; } = (_, _) => false;

    /// <summary>Whether it is broken, and only a new one can help.</summary>
    public bool IsBroken => _reading.IsCompleted;

    /// <summary>Whether a guard on another machine has said nothing for too long.</summary>
    public bool IsSilent => _hosts is not null && Environment.TickCount64 - Interlocked.Read(ref _heard) > SilenceLimit.TotalMilliseconds;

    /// <exception cref="SocketException">Nobody listens.</exception>
    public static async Task<GuardConnection> OpenAsync(GuardFolder folder, CancellationToken cancellationToken)
    {
        var stream = new NetworkStream(await OpenSocketAsync(folder, cancellationToken), ownsSocket: true);
        return new GuardConnection(new JsonLines(stream), stream);
    }

    /// <exception cref="SocketException">Nobody listens.</exception>
    public static async Task<Socket> OpenSocketAsync(GuardFolder folder, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await folder.WithSocket(address => socket.ConnectAsync(address, cancellationToken).AsTask());
            return socket;
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
                await _channel.DisposeAsync();

            await SendAsync(request with { Id = id }, cancellationToken);
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

    /// <summary>Of two callers who find it broken each may end it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;

        await _ended.CancelAsync();
        await _channel.DisposeAsync();
        await _reading;
        await _pulsing;
        _writing.Dispose();
        _ended.Dispose();
    }

    private async Task SendAsync(GuardRequest request, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            // Not cancelled half-way: half a line would spoil the ones behind it.
            await _lines.WriteAsync(request, GuardJson.Default.GuardRequest, CancellationToken.None);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task PulseAsync()
    {
        using var timer = new PeriodicTimer(Pulse);
        try
        {
            while (await timer.WaitForNextTickAsync(_ended.Token))
                await SendAsync(new GuardRequest { Operation = GuardOperation.Hello, ReachesHosts = true }, _ended.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // It is over, or broken: whoever asks next finds out.
        }
    }

    private async Task ReadAsync()
    {
        Exception reason = new IOException("The guard closed the connection.");
        try
        {
            while (await _lines.ReadAsync(GuardJson.Default.GuardReply, CancellationToken.None) is { } reply)
            {
                // We, or the network, stood still: what comes now the guard may have given up, and gone on without us.
                if (IsSilent)
                    throw new IOException("The guard was silent for too long.");

                Interlocked.Exchange(ref _heard, Environment.TickCount64);
                Deliver(reply);
            }
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException or JsonException)
        {
            reason = new IOException("The connection to the guard broke.", error);
        }

        _hosts?.EndAll();

        foreach (var waiting in _waiting.Values)
            waiting.TrySetException(reason);
    }

    private void Deliver(GuardReply reply)
    {
        if (reply.HostCall is { } call)
            _ = ServeAsync(call);
        else if (_waiting.TryGetValue(reply.Id, out var waiting))
            waiting.TrySetResult(reply);
    }

    private async Task ServeAsync(HostCall call)
    {
        await Task.Yield();
        try
        {
            if (_hosts is not null && await _hosts.AnswerAsync(call) is { } answer)
                await SendAsync(new GuardRequest { Operation = GuardOperation.HostAnswer, Answer = answer }, CancellationToken.None);
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            // The guard takes a client without answer for gone.
        }
    }
}
