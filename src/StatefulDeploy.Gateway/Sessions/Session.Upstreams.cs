using System.Net.Sockets;
using System.Security.Authentication;
using StatefulDeploy.Gateway.Links;
using StatefulDeploy.Gateway.Requests;
using StatefulDeploy.Gateway.Routing;
using StatefulDeploy.Model;

namespace StatefulDeploy.Gateway.Sessions;

/// <summary>The connections to servers: made, restored, and lost.</summary>
internal sealed partial class Session
{
    private const long FirstRetryMs = 10;
    private const long LongestRetryMs = 500;


    private long _standbyRetryAt;

    /// <summary>
    /// The id on its server of the connection on which a command waits, if the session's goal needs that it ends and it was not ended yet; else 0.
    /// </summary>
    public long TakeUnblockId(SessionGoal goal, NodeEndpoint endpoint)
    {
        lock (_gate)
        {
            if (_closed || _active is not { IsReady: true, ClientId: > 0 } || _active.Endpoint != endpoint || _active.InFlight.Blocking == 0)
                return 0;

            if (_blocked!.IsEnded || (goal == SessionGoal.Drained && _blocked.Kind != RequestKind.BlockingWrite))
                return 0;

            _unblocking = true;
            _blocked.IsEnded = true;
            return _active.ClientId;
        }
    }

    /// <summary>The server found nothing to end on the connection: it is to be asked again.</summary>
    public void NotUnblocked(long clientId)
    {
        lock (_gate)
        {
            if (_blocked is not null && _active?.ClientId == clientId)
                _blocked.IsEnded = false;
        }
    }

    /// <summary>Whether something is under way that may be changing data now, and does not merely wait on the server.</summary>
    public bool IsWriting()
    {
        lock (_gate)
            return !_closed && _active is not { InFlight.Blocking: > 0 } && !IsMet(SessionGoal.Drained);
    }

    private void OpenActive()
    {
        // A connection that stands by is warm already.
        if (_standby is { IsReady: true, IsQuiet: true } && _standby.Endpoint == _route.Current)
        {
            _active = _standby;
            _standby = null;
            Activated();
            return;
        }

        _active = new Upstream(_route.Current);
        _ = ConnectAsync(_active, isUrgent: true);
    }

    private void OpenStandbyIfWanted()
    {
        var wanted = _route.Phase == RoutePhase.Reads ? _standby?.Endpoint : _route.Prepared;
        if (_isMoving)
            wanted = _route.Current;

        if (_standby is not null && _standby.Endpoint != wanted)
            DropStandby();

        if (wanted is null || _standby is not null || wanted == _active?.Endpoint || _closed)
            return;

        if (_standbyRetryAt > _host.Now)
        {
            Watch();
            return;
        }

        _standbyRetryAt = 0;
        _standby = new Upstream(wanted);
        _ = ConnectAsync(_standby, isUrgent: _isMoving);
    }

    private void DropStandby()
    {
        _standby?.Close();
        _standby = null;
    }

    private async Task ConnectAsync(Upstream upstream, bool isUrgent)
    {
        Link link;
        try
        {
            link = await _host.ConnectAsync(upstream.Endpoint, _gate, isUrgent);
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException or AuthenticationException or ObjectDisposedException)
        {
            lock (_gate)
                ConnectFailed(upstream);

            return;
        }

        lock (_gate)
            Connected(upstream, link);
    }

    private void ConnectFailed(Upstream upstream)
    {
        if (_closed || upstream.Phase == UpstreamPhase.Closed)
            return;

        if (ReferenceEquals(upstream, _standby))
            OnStandbyLost();
        else if (ReferenceEquals(upstream, _active))
            LoseActive();
    }

    private void Connected(Upstream upstream, Link link)
    {
        if (_closed || upstream.Phase == UpstreamPhase.Closed)
        {
            link.Dispose();
            return;
        }

        upstream.Link = link;
        upstream.Phase = UpstreamPhase.Restoring;
        BeginRestore(upstream);
        link.Start(this);
        if (upstream.InFlight.Count == 0)
            Restored(upstream);
    }

    private void BeginRestore(Upstream upstream)
    {
        foreach (var (command, isEssential) in _state.Commands())
        {
            upstream.InFlight.Push(new PendingReply(isEssential ? ReplyKind.Restore : ReplyKind.Ignored));
            upstream.Link!.Send(command);
        }

        foreach (var (command, confirmations) in Wanted.Commands())
        {
            var bytes = LocalReply.Encode(command);
            upstream.InFlight.Push(new PendingReply(ReplyKind.Restore, Payload: new SubscribeRequest(command.Name, confirmations, bytes)));
            upstream.Link!.Send(bytes);
        }

        if (!ReferenceEquals(upstream, _standby))
            return;

        // Only an answer shows that the server has taken the connection in.
        upstream.InFlight.Push(new PendingReply(ReplyKind.Ignored));
        upstream.Link!.Send(AskPing);
    }

    private void EndRestoreStep(Upstream upstream)
    {
        if (upstream.Phase == UpstreamPhase.Restoring && OwesNoRestore(upstream))
            Restored(upstream);
        else
            _needsCare = true;
    }

    // Behind the steps there may be answers of the gateway's own to requests that waited too long.
    private static bool OwesNoRestore(Upstream upstream) => upstream.InFlight.Count == 0 || upstream.InFlight.HeadKind == ReplyKind.Local;

    private void Restored(Upstream upstream)
    {
        upstream.Phase = UpstreamPhase.Ready;
        upstream.Protocol = _state.Protocol;
        if (ReferenceEquals(upstream, _active))
            Activated();

        Care();
    }

    private void Activated()
    {
        _lostSubscriptions = null;
        _failures = 0;
        _retryAt = 0;
        _needsCare = true;
    }

    private void RestoreFailed(Upstream upstream, ReadOnlySpan<byte> error)
    {
        if (ReferenceEquals(upstream, _standby))
        {
            OnStandbyLost();
            return;
        }

        // A server that starts will accept later what it refuses now; one that refuses the password will not.
        var isPassing = error.StartsWith("-LOADING"u8) || error.StartsWith("-BUSY"u8) || error.StartsWith("-MASTERDOWN"u8) || error.StartsWith("-CLUSTERDOWN"u8);
        if (isPassing)
        {
            upstream.Close();
            LoseActive();
        }
        else
        {
            SendDown(error);
            CloseWhenSent();
        }
    }

    /// <summary>Does on the connection that stands by what the server has accepted on the active one.</summary>
    private void Mirror(byte[] command, SubscribeRequest? subscribe)
    {
        if (_standby is not { Phase: UpstreamPhase.Restoring or UpstreamPhase.Ready } standby)
            return;

        standby.InFlight.Push(new PendingReply(ReplyKind.Restore, Payload: subscribe));
        standby.Link!.Send(command);
    }

    private void OnStandbyLost()
    {
        DropStandby();
        _standbyRetryAt = _host.Now + LongestRetryMs;
        Watch();
    }

    private void Retry()
    {
        if (_active is null && HasWork && _host.Now >= _retryAt)
            Reconnect();

        if (_standbyRetryAt != 0 && _host.Now >= _standbyRetryAt)
        {
            _standbyRetryAt = 0;
            OpenStandbyIfWanted();
        }
    }

    private void Reconnect()
    {
        Counters.Reconnects++;
        OpenActive();
    }

    private void OnActiveLost()
    {
        var active = _active!;
        var cannotGoOn = active.IsReady
            && (active.Scanner.InsideValue || _stream == StreamRoute.ToServer || (_inMulti && active.InFlight.Count > 0) || NextSubscribe(active) is not null);
        if (cannotGoOn || _clientEnded || _hasQuit)
        {
            FailInFlight(active);
            CloseWhenSent();
            return;
        }

        LoseActive();
    }

    /// <summary>Takes reads in flight back into the queue: they change nothing, so they may be asked once more.</summary>
    private void RecallReads(Upstream upstream)
    {
        var inFlight = upstream.InFlight;
        if (inFlight.Count == 0 || !inFlight.AreReads || _held.Count > 0 || _again is not null || _replies != ReplyMode.On || _inMulti)
            return;

        var requests = _reads.Unanswered(inFlight.Count);
        while (requests.Length > 0)
        {
            RequestParser.Parse(requests, out var head);
            inFlight.PopPlain();
            Counters.AskedAgain++;
            Keep(requests[..head.Length], RequestKind.Read, isWhole: true);
            requests = requests[head.Length..];
        }
    }

    /// <summary>Answers what was in flight: nobody knows whether it was executed, so none of it is ever sent again.</summary>
    private void FailInFlight(Upstream upstream)
    {
        while (upstream.InFlight.Count > 0)
        {
            var pending = upstream.InFlight.Pop();
            if (pending.Kind == ReplyKind.Local)
            {
                SendDown((byte[])pending.Payload!);
            }
            else if (pending.IsForClient && !upstream.Scanner.InsideValue)
            {
                Counters.LostAnswers++;
                SendDown(LocalReply.Indeterminate);
            }
        }
    }

    /// <summary>The active connection is gone: another is made when there is something to do for it.</summary>
    private void LoseActive()
    {
        var lost = _active!;
        var wasReady = lost.IsReady;
        _lostSubscriptions = Wanted;
        lost.Close();
        if (wasReady)
            RecallReads(lost);

        FailInFlight(lost);
        _active = null;
        _unconfirmed = false;
        _unblocking = false;
        _replayMulti = _inMulti;
        _watchIsInvalid |= _isWatching;
        if (_inMulti && _log!.IsTooLarge)
            AbortTransaction(answersFollow: true);

        _retryAt = _host.Now + Math.Min(LongestRetryMs, FirstRetryMs << Math.Min(_failures++, 6));
        if (HasWork)
            Watch();

        Care();
    }
}
