using StatefulDeploy.Gateway.Links;
using StatefulDeploy.Gateway.Routing;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Gateway.Sessions;

/// <summary>
/// One client and its connection to the server: what was asked and not yet answered, what waits, and what another connection needs to take over.
/// Everything happens under one lock, whichever thread brings it, and nothing blocks in it.
/// </summary>
internal sealed partial class Session : ILinkOwner
{
    private readonly object _gate = new();
    private readonly ISessionHost _host;
    private readonly SessionState _state = new();
    private readonly HeldQueue _held = new();
    private Link _client = null!;
    private Upstream? _active;
    private Upstream? _standby;

    // What the lost connection was subscribed to, until a new one has been told.
    private Subscriptions? _lostSubscriptions;
    private Route _route = null!;
    private readonly List<SessionWait> _waits = [];
    private long _retryAt;
    private int _failures;
    private bool _isWatched;
    private bool _needsCare;
    private bool _clientEnded;
    private bool _closeWhenSent;
    private bool _closed;

    public Session(ISessionHost host)
    {
        _host = host;
    }

    public SessionCounters Counters { get; } = new();

    /// <summary>The lock that the session's links share with it.</summary>
    public object Gate => _gate;

    private bool HasWork => _held.Count > 0 || _again is not null || Wanted.Count > 0 || _inMulti;

    private Subscriptions Wanted => _active is { IsReady: true } ? _active.Subscriptions : _lostSubscriptions ?? new Subscriptions();

    /// <summary>Begins to serve a client.</summary>
    public void Start(Link client)
    {
        lock (_gate)
        {
            _client = client;
            _host.Add(this);

            // Read after the session was added: a change made in between is told to it.
            _route = _host.Route;
            OpenActive();
            OpenStandbyIfWanted();
            _client.Start(this);
        }
    }

    /// <summary>Takes over a change of the route.</summary>
    public void Reconcile(Route route)
    {
        lock (_gate)
        {
            if (_closed)
                return;

            _route = route;
            _standbyRetryAt = 0;
            Guarded(static session =>
            {
                session.ConfirmUnanswered();
                session.Care();
                session.OpenStandbyIfWanted();
            });
        }
    }

    /// <summary>Arrives at the wait's goal now or as soon as it is met.</summary>
    public void Await(SessionWait wait)
    {
        lock (_gate)
        {
            if (_closed || IsMet(wait.Goal))
                return;

            wait.Add();
            _waits.Add(wait);
            _needsCare = true;
            BalancePace();
        }
    }

    /// <summary>Stops waiting for a goal that took too long.</summary>
    public void Forget(SessionWait wait)
    {
        lock (_gate)
        {
            _waits.Remove(wait);
        }
    }

    /// <summary>Called every few milliseconds while something has a time limit.</summary>
    public void Tick()
    {
        lock (_gate)
        {
            _isWatched = false;
            if (_closed)
                return;

            Guarded(static session =>
            {
                session.Retry();
                session.RejectExpired();
                session.Care();
            });
            if (_closed)
                return;

            if (_held.Count > 0 || _again is not null || (_active is null && HasWork) || _standbyRetryAt != 0)
                Watch();
        }
    }

    /// <summary>Closes the session, as the gateway ends.</summary>
    public void End()
    {
        lock (_gate)
            Close();
    }

    /// <summary>Whether nothing is under way or waits.</summary>
    public bool IsIdle()
    {
        lock (_gate)
            return _closed || (_held.Count == 0 && _again is null && (_active is null || _active.IsQuiet) && _client.Unsent == 0);
    }

    int ILinkOwner.OnReceived(Link link, ReadOnlySpan<byte> data)
    {
        try
        {
            return Received(link, data);
        }
        catch (RespProtocolException)
        {
            // What follows cannot be told apart any more.
            Close();
        }
        catch (Exception exception)
        {
            Fault(exception);
        }

        return data.Length;
    }

    void ILinkOwner.OnEnded(Link link, Exception? error)
    {
        if (_closed)
            return;

        if (ReferenceEquals(link, _client))
            OnClientEnded(error is not null || link.IsBroken);
        else if (ReferenceEquals(link, _active?.Link))
            OnActiveLost();
        else if (ReferenceEquals(link, _standby?.Link))
            OnStandbyLost();
    }

    void ILinkOwner.OnSent(Link link)
    {
        if (_closeWhenSent && ReferenceEquals(link, _client))
            Close();
        else
            BalancePace();
    }

    private int Received(Link link, ReadOnlySpan<byte> data)
    {
        if (_closed)
            return data.Length;

        if (ReferenceEquals(link, _client))
            return OnClientBytes(data);

        if (ReferenceEquals(link, _active?.Link))
            OnUpstreamBytes(_active!, data);
        else if (ReferenceEquals(link, _standby?.Link))
            OnUpstreamBytes(_standby!, data);

        return data.Length;
    }

    private void Guarded(Action<Session> action)
    {
        try
        {
            action(this);
        }
        catch (Exception exception)
        {
            Fault(exception);
        }
    }

    /// <summary>One session's failure must not end the gateway, and with it all the others.</summary>
    private void Fault(Exception exception)
    {
        _host.Faulted(exception);
        Close();
    }

    private void OnClientEnded(bool isBroken)
    {
        _clientEnded = true;
        if (isBroken)
        {
            Close();
            return;
        }

        // A client that has only closed its sending side still gets the answers to what it asked. One that waits in a blocking
        // command is gone for a server too: what the command would take must not be taken for nobody.
        if (_active is { InFlight.Blocking: > 0 } || _again is not null)
            Close();
        else
            Care();
    }

    /// <summary>Does whatever has become possible.</summary>
    private void Care()
    {
        Move();
        SendHeld();
        if (_closed)
            return;

        Arrive();
        if (_clientEnded && _held.Count == 0 && (_active is null || _active.IsQuiet))
            CloseWhenSent();

        _needsCare = _held.Count > 0 || _again is not null || _waits.Count > 0 || _isMoving || _clientEnded;
        BalancePace();
    }

    private void Arrive()
    {
        for (var i = _waits.Count - 1; i >= 0; i--)
        {
            if (!_closed && !IsMet(_waits[i].Goal))
                continue;

            _waits[i].Arrive();
            _waits.RemoveAt(i);
        }
    }

    private bool IsMet(SessionGoal goal) => goal switch
    {
        SessionGoal.Drained => !_unconfirmed && _active is not { InFlight.Writes: > 0 } && !(_inMulti && _route.TransactionsGoOn && _active is { IsReady: true }),
        SessionGoal.Moved => !_isMoving && _active is null or { IsReady: true },
        _ => _route.Prepared is null || _standby is { IsReady: true } || _active?.Endpoint == _route.Prepared,
    };

    /// <summary>Stops reading from one side while the other is slow to take what was read.</summary>
    private void BalancePace()
    {
        if (_closed)
            return;

        var limit = _waits.Count == 0 ? _host.Limits.SlowPeerBytes : _host.Limits.SlowPeerBytesWhileDraining;
        if (_active?.Link is { } server)
        {
            if (_client.Unsent > limit)
                server.Pause();
            else
                server.Resume();
        }

        var serverIsSlow = _active?.Link is { } link && link.Unsent > _host.Limits.SlowPeerBytes;
        var enoughWaits = _route.Phase == RoutePhase.Open && _held.Bytes > _host.Limits.SlowPeerBytes;
        if (serverIsSlow || enoughWaits)
            _client.Pause();
        else
            _client.Resume();
    }

    private void SendDown(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return;

        Counters.BytesToClients += data.Length;
        _client.Send(data);
        if (_client.Unsent > 0)
            BalancePace();
    }

    private void SendUp(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty || _active?.Link is not { } link)
            return;

        link.Send(data);
        if (link.Unsent > 0)
            BalancePace();
    }

    /// <summary>An answer of the gateway's own, after those that are due before it.</summary>
    private void Answer(byte[] reply)
    {
        if (_replies != ReplyMode.On)
            return;

        if (_active is { InFlight.Count: > 0 })
            _active.InFlight.Push(new PendingReply(ReplyKind.Local, Payload: reply));
        else
            SendDown(reply);
    }

    private void Watch()
    {
        if (_isWatched)
            return;

        _isWatched = true;
        _host.Watch(this);
    }

    private void CloseWhenSent()
    {
        _closeWhenSent = true;
        if (_client.Unsent == 0)
            Close();
    }

    private void Close()
    {
        if (_closed)
            return;

        _closed = true;
        _host.Budget.Give(_held.Bytes);
        _host.Budget.Count(-_held.Count);
        _client.Dispose();
        _active?.Close();
        _standby?.Close();
        Arrive();
        _host.Remove(this);
    }
}
