using StatefulDeploy.Gateway.Requests;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Gateway.Sessions;

/// <summary>Large requests, which are passed on as they arrive.</summary>
internal sealed partial class Session
{
    // A request with a larger part still to come is passed on as it arrives; smaller ones are looked at as a whole.
    private const int StreamAbove = 16 * 1024;
    private const int LargestWholeRequest = 64 * 1024 * 1024;

    private RespFrameScanner _streamScanner;
    private StreamRoute _stream;

    private bool TryBeginStream(ReadOnlySpan<byte> data, int at, in RequestHead head)
    {
        var rest = data[at..];
        var isLarge = rest.Length >= StreamAbove || head.Missing >= StreamAbove;
        var namesKnown = head.WordsSeen >= Math.Min(2, head.Words) || (head.WordsSeen == 1 && !RespCommandTable.IsContainer(head.Name));
        if (!isLarge || head.IsInline || !namesKnown)
            return false;

        var kind = RequestClassifier.Classify(head.Name, head.Second);
        if (RequestClassifier.NeedsWholeRequest(kind) && rest.Length + head.Missing < LargestWholeRequest)
            return false;

        FlushRun(data);
        BeginStream(rest, kind);
        return true;
    }

    private void BeginStream(ReadOnlySpan<byte> part, RequestKind kind)
    {
        _streamScanner = default;
        _streamScanner.Scan(part, out _);
        _log?.Abandon();
        if (_held.Count > 0 || _again is not null || (!_inAbortedMulti && kind != RequestKind.Refused && ObstacleTo(kind) != Obstacle.None))
        {
            _stream = StreamRoute.ToQueue;
            Keep(part, kind, isWhole: false);
        }
        else if (_inAbortedMulti || kind == RequestKind.Refused)
        {
            _stream = StreamRoute.Nowhere;
            Answer(_inAbortedMulti ? LocalReply.HeldTooLong : LocalReply.Refused);
        }
        else
        {
            StreamToServer(part);
        }
    }

    private void StreamToServer(ReadOnlySpan<byte> part)
    {
        _stream = StreamRoute.ToServer;
        _reads.Abandon();
        if (_replies == ReplyMode.On)
            Expect(ReplyKind.Plain, isWrite: true);
        else
            _unconfirmed = true;

        if (_replies == ReplyMode.SkipNext)
            _replies = ReplyMode.On;

        SendUp(part);
    }

    private int StreamOn(ReadOnlySpan<byte> data)
    {
        var ended = _streamScanner.Scan(data, out var used);
        var part = data[..used];
        if (_stream == StreamRoute.ToServer)
            SendUp(part);
        else if (_stream == StreamRoute.ToQueue)
            KeepMore(part);

        if (!ended)
            return used;

        if (_stream == StreamRoute.ToQueue)
            _held.EndLast();

        _stream = StreamRoute.None;
        if (_needsCare)
            Care();

        return used;
    }
}
