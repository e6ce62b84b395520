namespace StatefulDeploy.Gateway.Sessions;

/// <summary>The answers that a connection still owes, oldest first.</summary>
internal sealed class InFlightQueue
{
    private const int KeptCapacity = 256;

    private PendingReply[] _ring = [];
    private int _head;

    public int Count { get; private set; }

    /// <summary>How many of them may be changing data.</summary>
    public int Writes { get; private set; }

    /// <summary>How many of them may be long in coming.</summary>
    public int Blocking { get; private set; }

    public ref readonly PendingReply Head => ref _ring[_head];

    public void Push(PendingReply reply)
    {
        if (Count == _ring.Length)
            Grow();

        _ring[(_head + Count) & (_ring.Length - 1)] = reply;
        Count++;
        Writes += reply.IsWrite ? 1 : 0;
        Blocking += reply.Kind == ReplyKind.Blocking ? 1 : 0;
    }

    public PendingReply Pop()
    {
        ref var slot = ref _ring[_head];
        var reply = slot;
        slot = default;
        _head = (_head + 1) & (_ring.Length - 1);
        Count--;
        Writes -= reply.IsWrite ? 1 : 0;
        Blocking -= reply.Kind == ReplyKind.Blocking ? 1 : 0;
        if (Count == 0 && _ring.Length > KeptCapacity)
            Reset();

        return reply;
    }

    private void Reset()
    {
        _ring = [];
        _head = 0;
    }

    private void Grow()
    {
        var larger = new PendingReply[Math.Max(8, _ring.Length * 2)];
        for (var i = 0; i < Count; i++)
            larger[i] = _ring[(_head + i) & (_ring.Length - 1)];

        _ring = larger;
        _head = 0;
    }
}
