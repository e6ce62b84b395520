using StatefulDeploy.Gateway.Requests;
using StatefulDeploy.Gateway.Routing;

namespace StatefulDeploy.Gateway.Sessions;

/// <summary>From the connection to one server to that of another.</summary>
internal sealed partial class Session
{
    private static readonly byte[] AskPing = LocalReply.Encode(["PING"]);
    private static readonly byte[] AskUnwatch = LocalReply.Encode(["UNWATCH"]);

    private bool _isMoving;

    /// <summary>Goes over to the server where the route leads, once all that was asked of the old one is answered.</summary>
    private void Move()
    {
        _isMoving = _active is not null && _active.Endpoint != _route.Current;
        if (!_isMoving || _closed)
            return;

        if (!_active!.IsReady)
        {
            // Nothing was sent yet on the way that is no longer wanted.
            _lostSubscriptions = Wanted;
            FailInFlight(_active);
            _active.Close();
            OpenActive();
            _isMoving = false;
            return;
        }

        if (!_active.IsQuiet)
            return;

        if (_state.IsTrackingByRedirect)
        {
            // The connection that gets the invalidations has another id on the other server, which only the client can set up.
            CloseWhenSent();
            return;
        }

        OpenStandbyIfWanted();
        if (_standby is { IsReady: true, IsQuiet: true } && (_active.Subscriptions.Count == 0 || MarkersPassed()))
            Swap();
    }

    /// <summary>
    /// Both servers send what was published before the switch. A marker on either connection tells when all of it has come:
    /// from the old one it went to the client, from the new one it was dropped, and nothing is doubled or missing.
    /// </summary>
    private bool MarkersPassed()
    {
        PlaceMarker(_active!);
        PlaceMarker(_standby!);
        return _active!.Marker == MarkerState.Passed && _standby!.Marker == MarkerState.Passed;
    }

    private static void PlaceMarker(Upstream upstream)
    {
        if (upstream.Marker != MarkerState.None)
            return;

        upstream.Marker = MarkerState.Sent;
        upstream.InFlight.Push(new PendingReply(ReplyKind.Marker));
        upstream.Link!.Send(AskPing);
    }

    private void Swap()
    {
        var old = _active!;
        _active = _standby!;
        _standby = null;
        old.Marker = _active.Marker = MarkerState.None;
        Counters.Moves++;
        _isMoving = false;
        LeaveTransaction(old);
        if (_state.IsTracking && _state.Protocol == 3)
            SendDown(LocalReply.InvalidateAll);

        // Until the switch is final the way back is kept warm.
        if (_route.Phase == RoutePhase.Reads && old.Endpoint == _route.Target)
            _standby = old;
        else
            old.Close();

        Activated();
    }

    private void LeaveTransaction(Upstream old)
    {
        if (_inMulti)
        {
            if (!_replayMulti)
            {
                old.InFlight.Push(new PendingReply(ReplyKind.Ignored));
                old.Link!.Send(AskDiscard);
            }

            _replayMulti = true;
            if (_log!.IsTooLarge)
                AbortTransaction(answersFollow: true);
        }

        if (!_isWatching)
            return;

        _watchIsInvalid = true;
        old.InFlight.Push(new PendingReply(ReplyKind.Ignored));
        old.Link!.Send(AskUnwatch);
    }
}
