using System.Net;
using System.Net.Sockets;
using System.Text;
using StatefulDeploy.Harness.Processes;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>
/// A line to a server that passes everything on, until it is told to hold the stream of changes back: what the server sends its
/// follower has then left it, and has not arrived. Nothing else is delayed, so the lag is there for as long as a test wants it.
/// </summary>
internal sealed class ReplicationLink : IAsyncDisposable
{
    private readonly byte[] _mark;
    private readonly TcpListener _listener;
    private readonly IPEndPoint _server;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private volatile TaskCompletionSource _open = Opened();
    private long _held;

    /// <param name="server">The server behind it.</param>
    /// <param name="mark">What a follower says when it asks for the stream of changes.</param>
    public ReplicationLink(IPEndPoint server, string mark = "PSYNC")
    {
        _mark = Encoding.ASCII.GetBytes(mark);
        _server = server;
        _listener = new TcpListener(IPAddress.Loopback, FreePort.Take());
        _listener.Start();
        _running = Task.Run(AcceptAsync);
    }

    /// <summary>Where the server is reached over this line.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Bytes of the stream that wait on the line.</summary>
    public long Held => Interlocked.Read(ref _held);

    /// <summary>From now on no change arrives.</summary>
    public void Hold() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was held back arrives, and all that follows.</summary>
    public void LetGo() => _open.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _running;
        _listener.Dispose();
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private async Task AcceptAsync()
    {
        var lines = new List<Task>();
        try
        {
            while (true)
            {
                lines.Add(PassAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(lines);
        }
    }

    private async Task PassAsync(TcpClient near)
    {
        using var far = new TcpClient { NoDelay = true };
        near.NoDelay = true;
        using (near)
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            try
            {
                await far.ConnectAsync(_server, ended.Token);
                var line = new Line();
                var first = await Task.WhenAny(ThereAsync(near.GetStream(), far.GetStream(), line, ended.Token), BackAsync(far.GetStream(), near.GetStream(), line, ended.Token));
                await first;
            }
            catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
            {
                // Either end hung up; so does the line.
            }

            await ended.CancelAsync();
        }
    }

    private async Task ThereAsync(NetworkStream from, NetworkStream to, Line line, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 16];
        while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var length)
        {
            line.IsStream |= buffer.AsSpan(0, length).IndexOf(_mark) >= 0;
            await to.WriteAsync(buffer.AsMemory(0, length), cancellationToken);
        }
    }

    private async Task BackAsync(NetworkStream from, NetworkStream to, Line line, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 16];
        while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var length)
        {
            if (line.IsStream && !_open.Task.IsCompleted)
            {
                Interlocked.Add(ref _held, length);
                await _open.Task.WaitAsync(cancellationToken);
            }

            await to.WriteAsync(buffer.AsMemory(0, length), cancellationToken);
        }
    }

    /// <summary>What is known of one connection.</summary>
    private sealed class Line
    {
        private volatile bool _isStream;

        /// <summary>Whether a follower reads changes over it.</summary>
        public bool IsStream
        {
            get => _isStream;
            set => _isStream = value;
        }
    }
}
