namespace StatefulDeploy.Gateway.Sessions;

/// <summary>The requests of a session that wait, in order: their bytes one after the other in one buffer, and what is known of each.</summary>
internal sealed class HeldQueue
{
    private const int MaxGrowth = 16 * 1024 * 1024;

    private readonly Queue<HeldRequest> _earlier = new();
    private HeldRequest _last;
    private bool _hasLast;
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private long _headStamp;

    public int Count => _earlier.Count + (_hasLast ? 1 : 0);

    public int Bytes => _end - _start;

    /// <summary>The bytes of the oldest request, and of all those after it.</summary>
    public ReadOnlySpan<byte> Span => _buffer.AsSpan(_start, _end - _start);

    public HeldRequest Head => _earlier.Count > 0 ? _earlier.Peek() : _last;

    public void Add(HeldRequest request, ReadOnlySpan<byte> bytes)
    {
        if (_hasLast)
            _earlier.Enqueue(_last);

        request.Length = 0;
        _last = request;
        _hasLast = true;
        AppendToLast(bytes);
    }

    /// <summary>More bytes of the newest request.</summary>
    public void AppendToLast(ReadOnlySpan<byte> bytes)
    {
        MakeRoom(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_end));
        _end += bytes.Length;
        _last.Length += bytes.Length;
    }

    public void EndLast() => _last.IsWhole = true;

    /// <summary>The newest request is too large: its bytes are let go of, and it gets an error in its turn.</summary>
    /// <returns>How many bytes were let go of.</returns>
    public int OverflowLast()
    {
        var length = _last.Length;
        _end -= length;
        _last.Length = 0;
        _last.IsOverflow = true;
        return length;
    }

    /// <summary>Since when the oldest request waits for something that may not take long; 0 if it does not.</summary>
    public long HeadSince => Head.Since == 0 ? _headStamp : Head.Since;

    /// <summary>Notes that from now on something stands in the oldest request's way.</summary>
    public void StampHead(long now) => _headStamp = now;

    public void RemoveHead()
    {
        _start += Head.Length;
        _headStamp = 0;
        if (_earlier.Count > 0)
            _earlier.Dequeue();
        else
            _hasLast = false;
    }

    /// <summary>The bytes of requests just removed, so that many can be sent in one go.</summary>
    public ReadOnlySpan<byte> Removed(int count) => _buffer.AsSpan(_start - count, count);

    /// <summary>Lets go of the buffer when nothing waits.</summary>
    public void Trim()
    {
        if (Count > 0)
            return;

        _buffer = [];
        _start = _end = 0;
    }

    private void MakeRoom(int count)
    {
        if (_end + count <= _buffer.Length)
            return;

        var held = _end - _start;
        var target = held + count > _buffer.Length - (_buffer.Length / 4)
            ? new byte[Math.Max(held + count, _buffer.Length + Math.Clamp(_buffer.Length, 1024, MaxGrowth))]
            : _buffer;
        _buffer.AsSpan(_start, held).CopyTo(target);
        _buffer = target;
        _start = 0;
        _end = held;
    }
}
