using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using StatefulDeploy.Contracts;
using StatefulDeploy.Gateway.Links;
using StatefulDeploy.Gateway.Requests;
using StatefulDeploy.Gateway.Routing;
using StatefulDeploy.Gateway.Sessions;
using StatefulDeploy.Model;

namespace StatefulDeploy.Gateway;

/// <summary>The clients' side of the gateway: listens, keeps the sessions, and tells them of every change of the route.</summary>
internal sealed class GatewayServer : ISessionHost, IAsyncDisposable
{
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(5);

    private readonly GatewayOptions _options;
    private readonly Connector _connector;
    private readonly List<Socket> _listeners = [];
    private readonly List<Task> _accepting = [];
    private readonly ConcurrentDictionary<Session, bool> _sessions = new();
    private readonly ConcurrentQueue<Session> _watched = new();
    private readonly SessionCounters _pastSessions = new();
    private readonly long _started;
    private readonly ITimer _ticker;
    private Route _route;
    private long _accepted;
    private long _faults;
    private int _ticking;
    private volatile bool _isStopping;

    public GatewayServer(GatewayOptions options, Route route)
    {
        _options = options;
        _route = route;
        _connector = new Connector(options);
        _started = options.Clock.GetTimestamp();
        Scripts = new ScriptMemory(options.Limits.MaxScriptBytes);
        _ticker = options.Clock.CreateTimer(_ => Tick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public Route Route => Volatile.Read(ref _route);

    public GatewayLimits Limits => _options.Limits;

    public HeldBudget Budget { get; } = new();

    public ScriptMemory Scripts { get; }

    public long Now => (long)_options.Clock.GetElapsedTime(_started).TotalMilliseconds + 1;

    public IReadOnlyCollection<Session> Sessions => (IReadOnlyCollection<Session>)_sessions.Keys;

    /// <summary>Sessions that failed in a way nobody thought of.</summary>
    public long Faults => Interlocked.Read(ref _faults);

    /// <summary>The last of those failures.</summary>
    public string? LastFault { get; private set; }

    public int SessionCount => _sessions.Count;

    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Where clients connect, with the ports that were taken.</summary>
    public IReadOnlyList<NodeEndpoint> Endpoints { get; private set; } = [];

    /// <summary>Starts to listen.</summary>
    /// <exception cref="UpgradeException">A port is taken, or an address is not this machine's.</exception>
    public void Listen()
    {
        foreach (var endpoint in _options.Listen)
            _listeners.Add(Bind(endpoint));

        Endpoints = [.. _listeners.Zip(_options.Listen, (socket, endpoint) => endpoint with { Port = ((IPEndPoint)socket.LocalEndPoint!).Port })];
        foreach (var listener in _listeners)
            _accepting.Add(AcceptAsync(listener));
    }

    /// <summary>Tells every session of a new route. When this returns no session acts by the old one.</summary>
    public void Apply(Route route)
    {
        Volatile.Write(ref _route, route);
        foreach (var session in _sessions.Keys)
            session.Reconcile(route);
    }

    /// <summary>Waits for a goal in every session there is.</summary>
    public SessionWait Await(SessionGoal goal)
    {
        var wait = new SessionWait(goal);
        foreach (var session in _sessions.Keys)
            session.Await(wait);

        wait.Arrive();
        return wait;
    }

    public void Forget(SessionWait wait)
    {
        foreach (var session in _sessions.Keys)
            session.Forget(wait);
    }

    public SessionCounters Count()
    {
        var sum = new SessionCounters();
        lock (_pastSessions)
            sum.Add(_pastSessions);

        foreach (var session in _sessions.Keys)
            sum.Add(session.Counters);

        return sum;
    }

    /// <summary>Takes no more clients.</summary>
    public void StopListening()
    {
        _isStopping = true;
        foreach (var listener in _listeners)
            listener.Dispose();
    }

    /// <summary>Waits until no session has anything under way.</summary>
    public async Task WaitIdleAsync(CancellationToken cancellationToken)
    {
        while (!_sessions.Keys.All(session => session.IsIdle()))
            await Task.Delay(TickEvery, _options.Clock, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        StopListening();
        await Task.WhenAll(_accepting);
        foreach (var session in _sessions.Keys)
            session.End();

        await _ticker.DisposeAsync();
        _connector.Dispose();
    }

    Task<Link> ISessionHost.ConnectAsync(NodeEndpoint endpoint, object gate, bool isUrgent) => _connector.ConnectAsync(endpoint, gate, isUrgent);

    void ISessionHost.Faulted(Exception exception)
    {
        Interlocked.Increment(ref _faults);
        LastFault = exception.ToString();
    }

    void ISessionHost.Add(Session session) => _sessions[session] = true;

    void ISessionHost.Remove(Session session)
    {
        if (!_sessions.TryRemove(session, out _))
            return;

        lock (_pastSessions)
            _pastSessions.Add(session.Counters);
    }

    void ISessionHost.Watch(Session session)
    {
        _watched.Enqueue(session);
        if (Interlocked.Exchange(ref _ticking, 1) == 0)
            _ticker.Change(TickEvery, Timeout.InfiniteTimeSpan);
    }

    private static Socket Bind(NodeEndpoint endpoint)
    {
        try
        {
            var address = IPAddress.TryParse(endpoint.Host, out var parsed) ? parsed : Dns.GetHostAddresses(endpoint.Host)[0];
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, endpoint.Port));
            socket.Listen(4096);
            return socket;
        }
        catch (SocketException exception)
        {
            throw new UpgradeException(
                "GatewayPortTaken",
                $"The gateway cannot listen on {endpoint}: {exception.Message}.",
                "Free the port, or give another address to listen on.",
                FailureCategory.Capacity,
                exception) { Target = endpoint };
        }
    }

    private void Tick()
    {
        // Those that ask for another call while they are called get it in the next round.
        for (var left = _watched.Count; left > 0 && _watched.TryDequeue(out var session); left--)
            session.Tick();

        Interlocked.Exchange(ref _ticking, 0);
        if (!_watched.IsEmpty && Interlocked.Exchange(ref _ticking, 1) == 0)
            _ticker.Change(TickEvery, Timeout.InfiniteTimeSpan);
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_isStopping)
        {
            Socket client;
            try
            {
                client = await listener.AcceptAsync();
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                if (_isStopping)
                    return;

                // Out of file descriptors, or the client was gone before it was taken in: others may still come.
                await Task.Delay(TickEvery, _options.Clock);
                continue;
            }

            Interlocked.Increment(ref _accepted);
            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        if (_sessions.Count >= Limits.MaxSessions)
        {
            await RefuseAsync(client);
            return;
        }

        var session = new Session(this);
        try
        {
            session.Start(await _connector.AcceptAsync(client, session.Gate));
        }
        catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException or OperationCanceledException or ObjectDisposedException)
        {
            // It broke off while it was taken in: nobody is there to be told.
            client.Dispose();
        }
    }

    private static async Task RefuseAsync(Socket client)
    {
        using (client)
        {
            try
            {
                await client.SendAsync(LocalReply.TooManyClients);
            }
            catch (SocketException)
            {
                // It is gone already.
            }
        }
    }
}
