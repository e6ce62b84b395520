using StatefulDeploy.Gateway.Requests;
using StatefulDeploy.Gateway.Routing;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Gateway.Sessions;

/// <summary>Requests that get no answer, because the client has asked for none (CLIENT REPLY).</summary>
internal sealed partial class Session
{
    private static readonly byte[] AskRepliesOff = LocalReply.Encode(["CLIENT", "REPLY", "OFF"]);
    private static readonly byte[] AskReplySkip = LocalReply.Encode(["CLIENT", "REPLY", "SKIP"]);
    private static readonly byte[] AskRepliesOn = LocalReply.Encode(["CLIENT", "REPLY", "ON"]);

    private ReplyMode _replies;
    private bool _unconfirmed;

    /// <summary>A request that gets no answer, or changes whether requests do.</summary>
    private Verdict TreatUnanswered(ReadOnlySpan<byte> request, RequestKind kind)
    {
        var mode = kind == RequestKind.ClientReply ? ReadReplyMode(Decode(request)) : null;
        if (mode == ReplyMode.On || (kind == RequestKind.ClientReply && mode is null && _replies == ReplyMode.On))
        {
            _replies = ReplyMode.On;
            _active!.RepliesAreOn = true;
            Expect(ReplyKind.Plain);
            return Verdict.Raw;
        }

        var restore = _replies != ReplyMode.On && _active!.RepliesAreOn;
        _own = _replies == ReplyMode.Off ? AskRepliesOff : AskReplySkip;
        NoteUnanswered(request, kind);
        _replies = mode ?? (_replies == ReplyMode.SkipNext ? ReplyMode.On : _replies);
        _active!.RepliesAreOn = _replies == ReplyMode.On;
        return restore ? Verdict.RawAfterOwn : Verdict.Raw;
    }

    private static ReplyMode? ReadReplyMode(RespCommand command) => command.Count != 3 ? null
        : System.Text.Encoding.ASCII.GetString(command[2].Bytes.Span).ToUpperInvariant() switch
        {
            "ON" => ReplyMode.On,
            "OFF" => ReplyMode.Off,
            "SKIP" => ReplyMode.SkipNext,
            _ => null,
        };

    private void NoteUnanswered(ReadOnlySpan<byte> request, RequestKind kind)
    {
        _unconfirmed = true;
        if (_inMulti)
            NoteInTransaction(request, kind);

        switch (kind)
        {
            case RequestKind.State:
                // No answer will tell whether it was accepted.
                _state.Apply(Decode(request));
                break;
            case RequestKind.Multi when !_inMulti:
                BeginTransaction(request);
                break;
            case RequestKind.Exec or RequestKind.Discard or RequestKind.Reset:
                EndTransaction();
                break;
            case RequestKind.Script:
                _host.Scripts.Note(request);
                break;
        }
    }

    /// <summary>Has the server say when it has executed what it was asked not to answer.</summary>
    private void ConfirmUnanswered()
    {
        if (!_unconfirmed || _route.Phase == RoutePhase.Open || _active is not { IsReady: true } active)
            return;

        if (active.RepliesAreOn && _replies != ReplyMode.On)
            return;

        active.RepliesAreOn = true;
        active.InFlight.Push(new PendingReply(ReplyKind.Barrier, IsWrite: true));
        SendUp(AskRepliesOn);
    }
}
