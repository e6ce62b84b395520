namespace StatefulDeploy.Gateway.Sessions;

/// <summary>The answers that a connection still owes, oldest first: a byte each, since nearly all of them are passed on unseen.</summary>
internal sealed class InFlightQueue
{
    private const int KeptCapacity = 1024;
    private const byte WriteFlag = 0x80;

    // Of the answers that are not plain, in the same order.
    private readonly Queue<object?> _payloads = new();
    private byte[] _ring = [];
    private int _head;

    public int Count { get; private set; }

    /// <summary>How many of them may be changing data.</summary>
    public int Writes { get; private set; }

    /// <summary>How many of them may be long in coming.</summary>
    public int Blocking { get; private set; }

    /// <summary>Whether all of them are for plain reads.</summary>
    public bool AreReads => Writes == 0 && _payloads.Count == 0;

    public ReplyKind HeadKind => (ReplyKind)(_ring[_head] & ~WriteFlag);

    public object? HeadPayload => HeadKind == ReplyKind.Plain ? null : _payloads.Peek();

    public void PushPlain(bool isWrite) => PushByte((byte)ReplyKind.Plain, isWrite);

    public void Push(PendingReply reply)
    {
        PushByte((byte)reply.Kind, reply.IsWrite);
        if (reply.Kind == ReplyKind.Plain)
            return;

        _payloads.Enqueue(reply.Payload);
        Blocking += reply.Kind == ReplyKind.Blocking ? 1 : 0;
    }

    public bool IsHeadPlain => Count > 0 && (_ring[_head] & ~WriteFlag) == 0;

    /// <summary>Takes the oldest away, which is plain.</summary>
    public void PopPlain()
    {
        Writes -= _ring[_head] >> 7;
        _head = (_head + 1) & (_ring.Length - 1);
        Count--;
    }

    public PendingReply Pop()
    {
        var code = _ring[_head];
        var kind = (ReplyKind)(code & ~WriteFlag);
        var isWrite = (code & WriteFlag) != 0;
        _head = (_head + 1) & (_ring.Length - 1);
        Count--;
        Writes -= isWrite ? 1 : 0;
        if (kind == ReplyKind.Plain)
            return new PendingReply(kind, isWrite);

        Blocking -= kind == ReplyKind.Blocking ? 1 : 0;
        return new PendingReply(kind, isWrite, _payloads.Dequeue());
    }

    /// <summary>Lets go of what a deep pipeline has needed.</summary>
    public void Trim()
    {
        if (Count > 0 || _ring.Length <= KeptCapacity)
            return;

        _ring = [];
        _head = 0;
    }

    private void PushByte(byte kind, bool isWrite)
    {
        if (Count == _ring.Length)
            Grow();

        _ring[(_head + Count) & (_ring.Length - 1)] = isWrite ? (byte)(kind | WriteFlag) : kind;
        Count++;
        Writes += isWrite ? 1 : 0;
    }

    private void Grow()
    {
        var larger = new byte[Math.Max(16, _ring.Length * 2)];
        for (var i = 0; i < Count; i++)
            larger[i] = _ring[(_head + i) & (_ring.Length - 1)];

        _ring = larger;
        _head = 0;
    }
}
