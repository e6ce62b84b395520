using System.Net;
using System.Net.Sockets;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Core.Tests.Guard;

/// <summary>
/// A node that only knows whether it takes writes. It can freeze: then lines wait unread in its connections, as bytes do in a socket's
/// buffer, until it goes on, or until the connection that brought them is revoked.
/// </summary>
internal sealed class PretendedNode : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Connection> _connections = [];
    private readonly List<string> _acts = [];
    private readonly List<string> _waiting = [];
    private readonly Action<PretendedNode> _changed;
    private readonly Task _accepting;
    private TaskCompletionSource _going = new();

    public PretendedNode(string name, bool open, Action<PretendedNode> changed)
    {
        Name = name;
        IsOpen = open;
        _changed = changed;
        _going.SetResult();
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Name { get; }

    public bool IsOpen { get; private set; }

    public NodeEndpoint Endpoint => new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);

    /// <summary>Acts that have taken effect, in their order, as <c>ACT epoch pid</c>.</summary>
    public IReadOnlyList<string> Acts
    {
        get
        {
            lock (_acts)
                return [.. _acts];
        }
    }

    /// <summary>Lines that have come while it is frozen.</summary>
    public IReadOnlyList<string> Waiting
    {
        get
        {
            lock (_waiting)
                return [.. _waiting];
        }
    }

    /// <summary>Nothing is read any more, except a revocation.</summary>
    public void Freeze() => _going = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void GoOn() => _going.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        GoOn();
        _listener.Dispose();
        await _accepting;
        lock (_connections)
            _connections.ForEach(connection => connection.Client.Dispose());
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(new Connection(await _listener.AcceptTcpClientAsync()));
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Connection connection)
    {
        lock (_connections)
            _connections.Add(connection);

        try
        {
            using var reader = new StreamReader(connection.Client.GetStream());
            while (await reader.ReadLineAsync() is { } line)
            {
                if (!line.StartsWith("REVOKE", StringComparison.Ordinal))
                    await WaitAsync(line);

                var answer = Do(connection, line);
                if (answer is null)
                    return;

                await connection.Client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(answer + "\n"));
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or SocketException)
        {
            // The guard is gone.
        }
    }

    private async Task WaitAsync(string line)
    {
        if (_going.Task.IsCompleted)
            return;

        lock (_waiting)
            _waiting.Add(line);

        await _going.Task;
        lock (_waiting)
            _waiting.Remove(line);
    }

    private string? Do(Connection connection, string line)
    {
        lock (_acts)
        {
            if (connection.Revoked)
                return null;

            _acts.Add(line);
            switch (line.Split(' ')[0])
            {
                case "OPEN" or "CLOSE":
                    IsOpen = line.StartsWith("OPEN", StringComparison.Ordinal);
                    _changed(this);
                    return "OK";
                case "REVOKE":
                    RevokeOthers(connection);
                    return "OK";
                case "PROBE":
                    return (IsOpen ? GateState.Open : GateState.Closed).ToString();
                default:
                    return "OK";
            }
        }
    }

    private void RevokeOthers(Connection connection)
    {
        lock (_connections)
        {
            foreach (var other in _connections.Where(other => other != connection))
            {
                other.Revoked = true;
                other.Client.Dispose();
            }
        }
    }

    private sealed record Connection(TcpClient Client)
    {
        public volatile bool Revoked;
    }
}
