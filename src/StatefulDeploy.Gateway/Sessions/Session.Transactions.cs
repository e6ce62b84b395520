using StatefulDeploy.Gateway.Requests;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Gateway.Sessions;

/// <summary>MULTI, EXEC, WATCH: what is queued on a server has not been executed, and may be said again on another one.</summary>
internal sealed partial class Session
{
    private static readonly byte[] AskDiscard = LocalReply.Encode(["DISCARD"]);

    private TransactionLog? _log;
    private List<RespCommand>? _deferredState;

    // As of the requests sent so far, answered or not.
    private bool _inMulti;
    private bool _isWatching;

    // The client's transaction failed here, and what it still sends of it is answered here too.
    private bool _inAbortedMulti;

    // The transaction was begun on a connection that is gone: it must be said again before it goes on.
    private bool _replayMulti;

    // What was watched may have changed unseen while the session moved: its EXEC must answer nil.
    private bool _watchIsInvalid;

    private Verdict TreatTransaction(ReadOnlySpan<byte> request, RequestKind kind)
    {
        switch (kind)
        {
            case RequestKind.Multi when !_inMulti:
                BeginTransaction(request);
                Expect(ReplyKind.Multi, payload: _log);
                return Verdict.Raw;
            case RequestKind.Exec when _inMulti:
                return TreatExec();
            case RequestKind.Discard when _inMulti:
                EndTransaction();
                _isWatching = _watchIsInvalid = false;
                break;
            case RequestKind.Watch when !_inMulti:
                _isWatching = true;
                break;
            case RequestKind.Unwatch when !_inMulti:
                _isWatching = _watchIsInvalid = false;
                break;
        }

        Expect(ReplyKind.Plain, isWrite: kind == RequestKind.Exec);
        return Verdict.Raw;
    }

    private Verdict TreatExec()
    {
        var deferred = _deferredState;
        var isInvalid = _watchIsInvalid;
        EndTransaction();
        _isWatching = _watchIsInvalid = false;
        if (isInvalid)
        {
            Expect(ReplyKind.ExecAsDiscard);
            _own = AskDiscard;
            return Verdict.OwnInstead;
        }

        Expect(deferred is null ? ReplyKind.Plain : ReplyKind.Exec, isWrite: true, deferred);
        return Verdict.Raw;
    }

    private void BeginTransaction(ReadOnlySpan<byte> request)
    {
        _inMulti = true;
        _log = new TransactionLog(_host.Limits.MaxTransactionBytes);
        _log.Add(request);
    }

    private void EndTransaction()
    {
        _inMulti = false;
        _replayMulti = false;
        _log = null;
        _deferredState = null;
    }

    private void NoteInTransaction(ReadOnlySpan<byte> request, RequestKind kind)
    {
        if (kind is not (RequestKind.Exec or RequestKind.Discard or RequestKind.Reset or RequestKind.Quit or RequestKind.Subscribe))
            _log!.Add(request);
    }

    private void ReplayTransaction()
    {
        _replayMulti = false;
        foreach (var command in _log!.Commands)
        {
            _active!.InFlight.Push(new PendingReply(ReplyKind.Replay));
            SendUp(command);
        }
    }

    /// <summary>Ends the client's transaction as a failed one, without anything having been executed.</summary>
    private void AbortTransaction(bool answersFollow)
    {
        if (!_replayMulti && _active is { IsReady: true })
        {
            _active.InFlight.Push(new PendingReply(ReplyKind.Ignored));
            SendUp(AskDiscard);
        }

        EndTransaction();
        _isWatching = _watchIsInvalid = false;
        _inAbortedMulti = answersFollow;
    }

    /// <summary>Answers as a server does after a command of the transaction was refused.</summary>
    /// <returns>False for a request that ends the connection's state anyway, and is treated as always.</returns>
    private bool AnswerInAbortedTransaction(RequestKind kind)
    {
        switch (kind)
        {
            case RequestKind.Reset or RequestKind.Quit:
                _inAbortedMulti = false;
                return false;
            case RequestKind.Exec:
                _inAbortedMulti = false;
                Answer(LocalReply.TransactionAborted);
                return true;
            case RequestKind.Discard:
                _inAbortedMulti = false;
                Answer(LocalReply.Ok);
                return true;
            default:
                Answer(LocalReply.HeldTooLong);
                return true;
        }
    }
}
