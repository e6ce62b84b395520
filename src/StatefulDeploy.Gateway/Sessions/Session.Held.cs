using StatefulDeploy.Gateway.Requests;
using StatefulDeploy.Gateway.Routing;

namespace StatefulDeploy.Gateway.Sessions;

/// <summary>Requests that wait. Those of one client stay in order, so a read behind a held write waits with it: that is no failed read.</summary>
internal sealed partial class Session
{
    // A command that waited on one server and must be asked again on the next: before all that waits.
    private BlockingRequest? _again;

    // The command that waits on the server. There is one at most: what the client sends after it waits here.
    private BlockingRequest? _blocked;

    /// <summary>Whether what stands in the way is not of the client's own making, so that there is a limit to it.</summary>
    private bool IsObstructed => _route.Phase != RoutePhase.Open || _isMoving || _active is not { IsReady: true };

    private long MaxHeldBytes => _route.Hold?.MaxBytes ?? _host.Limits.MaxHeldBytes;

    private long RequestLimitMs => _route.Hold?.RequestLimitMs ?? (long)_host.Limits.RequestLimit.TotalMilliseconds;

    private void Keep(ReadOnlySpan<byte> bytes, RequestKind kind, bool isWhole)
    {
        Counters.Held++;
        var fits = Reserve(bytes.Length);
        _held.Add(
            new HeldRequest { Kind = kind, IsWhole = isWhole, IsOverflow = !fits, Since = IsObstructed ? _host.Now : 0 },
            fits ? bytes : default);
        _host.Budget.Count(1);
        if (!fits && !isWhole)
            _stream = StreamRoute.Nowhere;

        _needsCare = true;
        Watch();
        if (_active is null && _host.Now >= _retryAt)
            Reconnect();

        if (!fits)
            Care();
        else if (_held.Bytes > _host.Limits.SlowPeerBytes)
            BalancePace();
    }

    private void KeepMore(ReadOnlySpan<byte> bytes)
    {
        if (Reserve(bytes.Length))
        {
            _held.AppendToLast(bytes);
            return;
        }

        _host.Budget.Give(_held.OverflowLast());
        _stream = StreamRoute.Nowhere;
        Care();
    }

    private bool Reserve(int bytes) => _held.Bytes + bytes <= MaxHeldBytes && _host.Budget.TryTake(bytes, MaxHeldBytes);

    /// <summary>Sends what waits and may now be sent, as much as possible in one go.</summary>
    private void SendHeld()
    {
        if (_again is not null && !SendAgain())
            return;

        var run = 0;
        while (_held.Count > 0 && !_closed)
        {
            var head = _held.Head;
            if (head.IsOverflow || !head.IsWhole || head.Answer is not null)
            {
                FlushHeld(ref run);
                if (!TakeUnusual(head))
                    break;

                continue;
            }

            var verdict = Treat(_held.Span[..head.Length], head.Kind);
            if (verdict == Verdict.WaitAfterOwn)
            {
                FlushHeld(ref run);
                SendUp(_own);
            }

            if (verdict is Verdict.Wait or Verdict.WaitAfterOwn)
                break;

            if (verdict is Verdict.RawAfterOwn or Verdict.OwnInstead)
            {
                FlushHeld(ref run);
                SendUp(_own);
            }

            RemoveHead();
            if (verdict is Verdict.Raw or Verdict.RawAfterOwn)
                run += head.Length;
            else
                FlushHeldBefore(head.Length, ref run);
        }

        FlushHeld(ref run);
        _held.Trim();
    }

    /// <summary>Asks a waiting command again, with the time it has left.</summary>
    /// <returns>Whether it is out of the way of what comes after it in the queue.</returns>
    private bool SendAgain()
    {
        var request = _again!;
        if (ObstacleTo(request.Kind) != Obstacle.None)
            return false;

        if (!KnowsClientId(out var verdict))
        {
            if (verdict == Verdict.WaitAfterOwn)
                SendUp(_own);

            return false;
        }

        _again = null;
        _blocked = request;
        request.IsEnded = false;
        Counters.AskedAgain++;
        _active!.InFlight.Push(new PendingReply(ReplyKind.Blocking, request.Kind == RequestKind.BlockingWrite, request));
        SendUp(request.Again(_host.Now));
        return true;
    }

    private void FlushHeld(ref int run)
    {
        if (run > 0)
        {
            // What had to wait is not asked a second time.
            _reads.Abandon();
            SendUp(_held.Removed(run));
        }

        run = 0;
    }

    /// <summary>Sends the run that ended before the request just removed.</summary>
    private void FlushHeldBefore(int removed, ref int run)
    {
        if (run > 0)
        {
            _reads.Abandon();
            SendUp(_held.Removed(run + removed)[..run]);
        }

        run = 0;
    }

    private void RemoveHead()
    {
        _host.Budget.Give(_held.Head.Length);
        _host.Budget.Count(-1);
        _held.RemoveHead();
    }

    /// <summary>A request too large to be held, one that has not arrived whole, or what was none.</summary>
    private bool TakeUnusual(HeldRequest head)
    {
        if (head.Answer is not null)
        {
            RemoveHead();
            Answer(head.Answer);
            return true;
        }

        if (head.IsOverflow)
        {
            RemoveHead();
            Reject(head.Kind, LocalReply.HeldTooMuch);
            return true;
        }

        if (_inAbortedMulti || head.Kind == RequestKind.Refused || ObstacleTo(head.Kind) != Obstacle.None)
            return false;

        if (_replayMulti)
            ReplayTransaction();

        StreamToServer(_held.Span);
        RemoveHead();
        return true;
    }

    private void RejectExpired()
    {
        if (!IsObstructed || _active is { InFlight.Blocking: > 0 })
            return;

        var now = _host.Now;
        if (_again is { } again && again.IsOver(now))
        {
            // The time that the client gave is over, and nothing was taken from the server: this is the true answer.
            _again = null;
            Answer(again.Nil);
        }

        while (_held.Count > 0 && _again is null && !_closed)
        {
            var head = _held.Head;
            if (_held.HeadSince == 0)
                _held.StampHead(now);

            if (!head.IsWhole || now - _held.HeadSince < RequestLimitMs)
                return;

            RemoveHead();
            Reject(head.Kind, _route.Phase == RoutePhase.Open ? LocalReply.Unreachable : LocalReply.HeldTooLong);
            SendHeld();
        }

        _held.Trim();
    }

    private void Reject(RequestKind kind, byte[] error)
    {
        Counters.Rejected++;
        if (_inAbortedMulti && AnswerInAbortedTransaction(kind))
            return;

        if (kind == RequestKind.Multi && !_inMulti)
        {
            // A client that pipelines sends the rest without looking: it must not be executed outside of a transaction.
            _inAbortedMulti = true;
            Answer(LocalReply.Ok);
        }
        else if (_inMulti)
        {
            AbortTransaction(answersFollow: kind is not (RequestKind.Exec or RequestKind.Discard));
            Answer(kind == RequestKind.Exec ? LocalReply.TransactionAborted : kind == RequestKind.Discard ? LocalReply.Ok : error);
        }
        else
        {
            Answer(error);
        }
    }
}
