using System.Buffers.Text;
using System.Text;
using StatefulDeploy.Gateway.Requests;
using StatefulDeploy.Gateway.Routing;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Gateway.Sessions;

/// <summary>From the server to the client.</summary>
internal sealed partial class Session
{
    // Whether the gateway has ended the command that waits on the server: a nil may then not be the answer.
    private bool _unblocking;

    private void OnUpstreamBytes(Upstream upstream, ReadOnlySpan<byte> data)
    {
        try
        {
            ReadReplies(upstream, data);
        }
        catch (RespProtocolException) when (ReferenceEquals(upstream, _standby))
        {
            OnStandbyLost();
        }

        if (_needsCare && !_closed)
            Care();
    }

    private void ReadReplies(Upstream upstream, ReadOnlySpan<byte> data)
    {
        var isVisible = ReferenceEquals(upstream, _active);
        var at = 0;
        var run = 0;
        while (at < data.Length && upstream.Phase != UpstreamPhase.Closed)
        {
            if (!upstream.Scanner.InsideValue)
            {
                if (isVisible)
                    at = upstream.Subscriptions.Count == 0 ? PassPlain(upstream.InFlight, data, at) : PassMessages(data, at);

                if (IsLocalNext(upstream))
                {
                    SendDown(data[run..at]);
                    run = at;
                    SendLocals(upstream);
                }

                if (at == data.Length)
                    break;

                upstream.Capture.IsActive = !isVisible || NeedsLook(upstream, data[at]);
            }

            var ended = upstream.Scanner.Scan(data[at..], out var used);
            if (upstream.Capture.IsActive)
            {
                SendDown(data[run..at]);
                Look(upstream, data.Slice(at, used), ended);
                at += used;
                run = at;
                continue;
            }

            at += used;
            if (ended)
                upstream.InFlight.Pop();
        }

        if (_closed)
            return;

        SendDown(data[run..at]);
        SendLocals(upstream);
        upstream.InFlight.Trim();
    }

    /// <summary>Passes over answers of the commonest forms, which nobody needs to look at.</summary>
    private static int PassPlain(InFlightQueue inFlight, ReadOnlySpan<byte> data, int at)
    {
        while (at < data.Length && inFlight.IsHeadPlain && RespFrameScanner.TryMeasure(data[at..], out var length))
        {
            inFlight.PopPlain();
            at += length;
        }

        return at;
    }

    /// <summary>Passes over published messages that are there whole.</summary>
    private static int PassMessages(ReadOnlySpan<byte> data, int at)
    {
        while (at < data.Length && StartsMessage(data[at..]))
        {
            RespFrameScanner scanner = default;
            if (!scanner.Scan(data[at..], out var length))
                break;

            at += length;
        }

        return at;
    }

    private static bool StartsMessage(ReadOnlySpan<byte> data) => data[0] is (byte)'>' or (byte)'*'
        && data.Length > 12
        && (data[4..].StartsWith("$7\r\nmessage\r\n"u8) || data[4..].StartsWith("$8\r\npmessage\r\n"u8) || data[4..].StartsWith("$8\r\nsmessage\r\n"u8));

    private static bool NeedsLook(Upstream upstream, byte marker)
    {
        if (upstream.InFlight.Count == 0 || upstream.InFlight.HeadKind != ReplyKind.Plain || marker == (byte)'>')
            return true;

        return marker == (byte)'*' && upstream.Protocol == 2 && upstream.Subscriptions.Count > 0;
    }

    private void Look(Upstream upstream, ReadOnlySpan<byte> part, bool ended)
    {
        var capture = upstream.Capture;
        if (ended && capture.IsEmpty)
        {
            TakeReply(upstream, part);
            return;
        }

        capture.Append(part);
        if (!ended)
            return;

        TakeReply(upstream, capture.Span);
        capture.Clear();
    }

    private static bool IsLocalNext(Upstream upstream) => upstream.InFlight.Count > 0 && upstream.InFlight.HeadKind == ReplyKind.Local;

    private void SendLocals(Upstream upstream)
    {
        while (IsLocalNext(upstream))
            SendDown((byte[])upstream.InFlight.Pop().Payload!);
    }

    private void TakeReply(Upstream upstream, ReadOnlySpan<byte> reply)
    {
        var mayBePublished = reply[0] == (byte)'>'
            || (reply[0] == (byte)'*' && upstream.Protocol == 2 && (upstream.Subscriptions.Count > 0 || NextSubscribe(upstream) is not null));
        if (mayBePublished && TakePublished(upstream, reply))
            return;

        if (upstream.InFlight.Count == 0)
        {
            // Said without being asked: a server tells so why it closes a connection. The client's too must end, or it would
            // take this for the answer to what it asks next.
            if (ReferenceEquals(upstream, _active) && upstream.IsReady)
            {
                SendDown(reply);
                CloseWhenSent();
            }

            return;
        }

        TakeAnswer(upstream, upstream.InFlight.Pop(), reply);
        SendLocals(upstream);
    }

    private static SubscribeRequest? NextSubscribe(Upstream upstream) =>
        upstream.InFlight.Count > 0 ? upstream.InFlight.HeadPayload as SubscribeRequest : null;

    /// <summary>A message, the confirmation of a subscription, or another push.</summary>
    /// <returns>False if it is an answer after all.</returns>
    private bool TakePublished(Upstream upstream, ReadOnlySpan<byte> reply)
    {
        var isActive = ReferenceEquals(upstream, _active);
        var kind = FirstWord(reply);
        if (Subscriptions.IsConfirmation(kind))
        {
            TakeConfirmation(upstream, reply, kind);
            return true;
        }

        if (!Subscriptions.IsMessage(kind) && reply[0] != (byte)'>')
            return false;

        // A connection that stands by hears the same messages: the client has them from the active one.
        if (isActive)
            SendDown(reply);

        return true;
    }

    private void TakeConfirmation(Upstream upstream, ReadOnlySpan<byte> reply, string kind)
    {
        var value = new RespReader(reply).Read();
        var before = upstream.Subscriptions.CountOf(kind);
        upstream.Subscriptions.Apply(kind, value.Items[1]);
        var request = NextSubscribe(upstream);
        var isForClient = request is null ? ReferenceEquals(upstream, _active) : upstream.InFlight.HeadKind.IsForClient();
        if (isForClient)
            SendDown(reply);

        if (request?.Confirm(before) != true)
            return;

        var done = upstream.InFlight.Pop();
        if (done.IsForClient)
            Mirror(request.Frame, new SubscribeRequest(request.Command, CountNames(request.Frame), request.Frame));
        else
            EndRestoreStep(upstream);

        SendLocals(upstream);
    }

    private static int CountNames(ReadOnlySpan<byte> request)
    {
        RequestParser.Parse(request, out var head);
        return head.Words - 1;
    }

    /// <summary>The first element of an array or push, as text; empty if it is no short string.</summary>
    private static string FirstWord(ReadOnlySpan<byte> reply)
    {
        var line = reply.IndexOf((byte)'\n');
        var rest = reply[(line + 1)..];
        if (rest.Length < 2)
            return "";

        if (rest[0] == (byte)'+')
            return Encoding.ASCII.GetString(rest[1..rest.IndexOf((byte)'\r')]);

        if (rest[0] != (byte)'$' || !Utf8Parser.TryParse(rest[1..], out int length, out var digits) || length is < 0 or > 16)
            return "";

        return Encoding.ASCII.GetString(rest.Slice(digits + 3, length));
    }

    private static bool IsError(ReadOnlySpan<byte> reply) => reply[0] is (byte)'-' or (byte)'!';

    private void TakeAnswer(Upstream upstream, PendingReply pending, ReadOnlySpan<byte> reply)
    {
        switch (pending.Kind)
        {
            case ReplyKind.State:
                TakeState(upstream, (RespCommand)pending.Payload!, reply);
                break;
            case ReplyKind.Multi:
                SendDown(reply);
                if (IsError(reply) && ReferenceEquals(_log, pending.Payload))
                    EndTransaction();

                break;
            case ReplyKind.Exec:
                TakeExec(upstream, (List<RespCommand>)pending.Payload!, reply);
                break;
            case ReplyKind.ExecAsDiscard:
                SendDown(IsError(reply) ? LocalReply.ExecWithoutMulti : LocalReply.NullArray(_state.Protocol));
                break;
            case ReplyKind.Blocking:
                TakeBlocking((BlockingRequest)pending.Payload!, reply);
                break;
            case ReplyKind.Reset:
                SendDown(reply);
                TakeReset(upstream);
                break;
            case ReplyKind.Quit:
                SendDown(reply);
                CloseWhenSent();
                break;
            case ReplyKind.Plain or ReplyKind.Subscribe:
                SendDown(reply);
                break;
            default:
                TakeOwnAnswer(upstream, pending, reply);
                break;
        }
    }

    private void TakeOwnAnswer(Upstream upstream, PendingReply pending, ReadOnlySpan<byte> reply)
    {
        switch (pending.Kind)
        {
            case ReplyKind.Restore when IsError(reply):
                RestoreFailed(upstream, reply);
                break;
            case ReplyKind.Restore:
                EndRestoreStep(upstream);
                break;
            case ReplyKind.ClientId:
                upstream.ClientId = reply[0] == (byte)':' && Utf8Parser.TryParse(reply[1..], out long id, out _) ? id : -1;
                _needsCare = true;
                break;
            case ReplyKind.Marker:
                upstream.Marker = MarkerState.Passed;
                _needsCare = true;
                break;
            case ReplyKind.Barrier:
                _unconfirmed = false;
                _needsCare = true;
                break;
            case ReplyKind.Ignored:
                EndRestoreStep(upstream);
                break;
        }
    }

    private void TakeState(Upstream upstream, RespCommand command, ReadOnlySpan<byte> reply)
    {
        SendDown(reply);
        if (IsError(reply))
            return;

        ApplyState(upstream, command);
    }

    private void ApplyState(Upstream upstream, RespCommand command)
    {
        var isKept = _state.Apply(command);
        upstream.Protocol = _state.Protocol;
        if (isKept)
            Mirror(LocalReply.Encode(command), null);
    }

    private void TakeExec(Upstream upstream, List<RespCommand> deferred, ReadOnlySpan<byte> reply)
    {
        SendDown(reply);
        if (reply[0] != (byte)'*' || reply.SequenceEqual(LocalReply.NullArray2))
            return;

        foreach (var command in deferred)
            ApplyState(upstream, command);
    }

    private void TakeReset(Upstream upstream)
    {
        _state.Clear();
        upstream.Subscriptions.Clear();
        upstream.Protocol = 2;
        _replies = ReplyMode.On;
        upstream.RepliesAreOn = true;

        // Simpler than to undo it there as well: a new one is made.
        DropStandby();
        OpenStandbyIfWanted();
    }

    private void TakeBlocking(BlockingRequest request, ReadOnlySpan<byte> reply)
    {
        var wasUnblocking = _unblocking;
        _unblocking = false;
        _needsCare = true;
        var isNil = reply.SequenceEqual("*-1\r\n"u8) || reply.SequenceEqual("$-1\r\n"u8) || reply.SequenceEqual("_\r\n"u8);
        var isUnblocked = reply.StartsWith("-UNBLOCKED"u8);
        var mayAskAgain = (isNil && wasUnblocking) || (isUnblocked && (wasUnblocking || _route.Phase != RoutePhase.Open));
        if (!mayAskAgain || request.IsOver(_host.Now))
        {
            SendDown(reply);
            return;
        }

        // The nil proves that nothing was taken: it may be asked again, with the time that is left.
        request.Nil = isNil ? reply.ToArray() : LocalReply.NullArray(_state.Protocol);
        _again = request;
        Watch();
    }
}
