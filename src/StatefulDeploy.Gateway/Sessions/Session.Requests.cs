using StatefulDeploy.Gateway.Requests;
using StatefulDeploy.Gateway.Routing;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Gateway.Sessions;

/// <summary>From the client to the server.</summary>
internal sealed partial class Session
{
    private static readonly byte[] AskClientId = LocalReply.Encode(["CLIENT", "ID"]);

    private readonly LastCommand _kinds = new();
    private readonly ReadsInFlight _reads = new();
    private byte[] _own = [];
    private int _runStart;
    private int _runEnd;
    private bool _hasQuit;
    private bool _isPlainSailing;

    private int OnClientBytes(ReadOnlySpan<byte> data)
    {
        var at = 0;
        _runStart = _runEnd = 0;
        _isPlainSailing = IsPlainSailing();
        if (_active is { InFlight.Count: 0 })
            _reads.Begin();

        while (at < data.Length && !_closed && !_closeWhenSent)
        {
            var rest = data[at..];
            if (_stream != StreamRoute.None)
            {
                at += StreamOn(rest);
                continue;
            }

            if (_hasQuit)
            {
                at = data.Length;
                break;
            }

            var found = RequestParser.Parse(rest, out var head);
            if (found == RequestParse.Invalid)
            {
                FlushRun(data);
                RefuseProtocol(head.Error!);
                return data.Length;
            }

            if (found == RequestParse.Partial && !TryBeginStream(data, at, head))
                break;

            if (found == RequestParse.Whole && head.Words > 0)
                Take(data, at, head);

            at += head.Length;
        }

        FlushRun(data);
        Counters.BytesFromClients += at;
        return at;
    }

    private void FlushRun(ReadOnlySpan<byte> data)
    {
        if (_runEnd > _runStart)
        {
            var run = data[_runStart.._runEnd];
            if (_active!.InFlight.AreReads)
                _reads.Add(run);
            else
                _reads.Abandon();

            SendUp(run);
        }

        _runStart = _runEnd = 0;
    }

    private void Take(ReadOnlySpan<byte> data, int at, in RequestHead head)
    {
        if (head.IsInline)
        {
            FlushRun(data);
            TakeInline(data.Slice(at, head.Length));
            return;
        }

        if (_isPlainSailing && _kinds.Classify(head.Name, head.Second) is var plain and <= RequestKind.Write)
        {
            ExpectPlain(plain);
            if (_runEnd != at)
            {
                FlushRun(data);
                _runStart = at;
            }

            _runEnd = at + head.Length;
            return;
        }

        TakeWithCare(data, at, head);
        _isPlainSailing = IsPlainSailing();
    }

    /// <summary>Whether a plain read or write is simply passed on. Only a request of another kind changes that while requests are taken.</summary>
    private bool IsPlainSailing() => _active is { IsReady: true, InFlight.Blocking: 0 } && _route.Phase == RoutePhase.Open && !_isMoving
        && _held.Count == 0 && _again is null && _replies == ReplyMode.On && !_inMulti && !_inAbortedMulti;

    private void ExpectPlain(RequestKind kind)
    {
        if (kind == RequestKind.Write)
            Counters.Writes++;
        else
            Counters.Reads++;

        _active!.InFlight.PushPlain(kind == RequestKind.Write);
    }

    private void TakeWithCare(ReadOnlySpan<byte> data, int at, in RequestHead head)
    {
        var request = data.Slice(at, head.Length);
        var kind = _kinds.Classify(head.Name, head.Second);
        if (kind is RequestKind.BlockingRead or RequestKind.BlockingWrite)
            kind = RequestClassifier.Refine(kind, request);

        switch (_held.Count > 0 || _again is not null ? Verdict.Wait : Treat(request, kind))
        {
            case Verdict.Raw:
                if (_runEnd != at)
                {
                    FlushRun(data);
                    _runStart = at;
                }

                _runEnd = at + head.Length;
                break;
            case Verdict.RawAfterOwn:
                FlushRun(data);
                SendUp(_own);
                _runStart = at;
                _runEnd = at + head.Length;
                break;
            case Verdict.OwnInstead:
                FlushRun(data);
                SendUp(_own);
                break;
            case Verdict.WaitAfterOwn:
                FlushRun(data);
                SendUp(_own);
                Keep(request, kind, isWhole: true);
                break;
            case Verdict.Wait:
                Keep(request, kind, isWhole: true);
                break;
        }
    }

    private void TakeInline(ReadOnlySpan<byte> line)
    {
        RespCommand command;
        try
        {
            command = RespInlineCommand.Parse(line);
        }
        catch (RespProtocolException)
        {
            RefuseProtocol("Protocol error: unbalanced quotes in request");
            return;
        }

        ReadOnlySpan<byte> request = LocalReply.Encode(command);
        RequestParser.Parse(request, out var head);
        Take(request, 0, head);
        FlushRun(request);
    }

    private void RefuseProtocol(string error)
    {
        _hasQuit = true;
        var answer = LocalReply.Error(error);
        if (_held.Count > 0 || _again is not null)
        {
            _held.Add(new HeldRequest { IsWhole = true, Answer = answer }, default);
            _host.Budget.Count(1);
        }
        else
        {
            Answer(answer);
        }

        _clientEnded = true;
        Care();
    }

    /// <summary>Decides what becomes of a whole request, and takes note of the answer that will come.</summary>
    private Verdict Treat(ReadOnlySpan<byte> request, RequestKind kind)
    {
        if (_inAbortedMulti && AnswerInAbortedTransaction(kind))
            return Verdict.Answered;

        if (kind == RequestKind.Refused)
        {
            Answer(LocalReply.Refused);
            return Verdict.Answered;
        }

        if (ObstacleTo(kind) != Obstacle.None)
            return Verdict.Wait;

        if (_replies != ReplyMode.On || kind == RequestKind.ClientReply)
            return TreatUnanswered(request, kind);

        if (_replayMulti)
            ReplayTransaction();

        if (_inMulti)
            NoteInTransaction(request, kind);

        if (kind > RequestKind.Write)
            return TreatSpecial(request, kind);

        ExpectPlain(kind);
        return Verdict.Raw;
    }

    private Obstacle ObstacleTo(RequestKind kind)
    {
        if (_active is not { IsReady: true })
            return Obstacle.Unreachable;

        if (_isMoving)
            return Obstacle.Moving;

        if (_active.InFlight.Blocking > 0)
            return Obstacle.Blocked;

        if (_route.Phase == RoutePhase.Open)
            return Obstacle.None;

        if (_inMulti)
            return _route.TransactionsGoOn && !_replayMulti ? Obstacle.None : Obstacle.Held;

        return kind is RequestKind.Read or RequestKind.BlockingRead or RequestKind.State or RequestKind.Subscribe or RequestKind.ClientReply or RequestKind.Reset or RequestKind.Quit
            ? Obstacle.None
            : Obstacle.Held;
    }

    private void Expect(ReplyKind kind, bool isWrite = false, object? payload = null)
    {
        if (isWrite)
            Counters.Writes++;
        else
            Counters.Reads++;

        _active!.InFlight.Push(new PendingReply(kind, isWrite, payload));
    }

    private Verdict TreatSpecial(ReadOnlySpan<byte> request, RequestKind kind)
    {
        switch (kind)
        {
            case RequestKind.Script:
                _host.Scripts.Note(request);
                Expect(ReplyKind.Plain, isWrite: true);
                return Verdict.Raw;
            case RequestKind.BlockingRead or RequestKind.BlockingWrite or RequestKind.Wait:
                return TreatBlocking(request, kind);
            case RequestKind.Subscribe:
                return TreatSubscribe(request);
            case RequestKind.State:
                return TreatState(request);
            case RequestKind.Reset:
                EndTransaction();
                _isWatching = _watchIsInvalid = false;
                Expect(ReplyKind.Reset);
                return Verdict.Raw;
            case RequestKind.Quit:
                _hasQuit = true;
                Expect(ReplyKind.Quit);
                return Verdict.Raw;
            default:
                return TreatTransaction(request, kind);
        }
    }

    private Verdict TreatBlocking(ReadOnlySpan<byte> request, RequestKind kind)
    {
        if (_inMulti)
        {
            // Inside a transaction nothing blocks.
            Expect(ReplyKind.Plain, isWrite: kind == RequestKind.BlockingWrite);
            return Verdict.Raw;
        }

        if (!KnowsClientId(out var verdict))
            return verdict;

        _blocked = new BlockingRequest(kind, Decode(request), _host.Now);
        Expect(ReplyKind.Blocking, kind == RequestKind.BlockingWrite, _blocked);
        return Verdict.Raw;
    }

    /// <summary>
    /// Whether the server's id of the connection is known, which is what ends a waiting command should a switch come. It is asked once, and
    /// answered before the command is sent: Garnet sends no answer as long as a later command of the same batch waits.
    /// </summary>
    private bool KnowsClientId(out Verdict otherwise)
    {
        otherwise = _active!.ClientIdAsked ? Verdict.Wait : Verdict.WaitAfterOwn;
        if (_active.ClientId != 0)
            return true;

        if (!_active.ClientIdAsked)
        {
            _active.ClientIdAsked = true;
            _active.InFlight.Push(new PendingReply(ReplyKind.ClientId));
            _own = AskClientId;
        }

        return false;
    }

    private Verdict TreatSubscribe(ReadOnlySpan<byte> request)
    {
        if (_inMulti)
        {
            Answer(LocalReply.SubscribeInMulti);
            return Verdict.Answered;
        }

        var command = Decode(request);
        Expect(ReplyKind.Subscribe, payload: new SubscribeRequest(command.Name, command.Count - 1, request.ToArray()));
        return Verdict.Raw;
    }

    private Verdict TreatState(ReadOnlySpan<byte> request)
    {
        var command = Decode(request);
        if (_inMulti)
        {
            (_deferredState ??= []).Add(command);
            Expect(ReplyKind.Plain);
        }
        else
        {
            Expect(ReplyKind.State, payload: command);
        }

        return Verdict.Raw;
    }

    private static RespCommand Decode(ReadOnlySpan<byte> request) =>
        RespCommandReader.TryRead(request, out var command, out _) ? command! : throw new RespProtocolException("A request is not whole.");
}
