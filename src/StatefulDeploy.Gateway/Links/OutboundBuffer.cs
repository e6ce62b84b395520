namespace StatefulDeploy.Gateway.Links;

/// <summary>Bytes that a peer has not taken yet: one part is being sent, and what comes meanwhile is gathered behind it.</summary>
internal sealed class OutboundBuffer
{
    private const int KeptCapacity = 64 * 1024;

    private byte[] _gathered = [];
    private byte[] _sending = [];
    private int _gatheredCount;
    private int _sendingCount;

    public int Waiting => _gatheredCount + _sendingCount;

    public bool IsSending => _sendingCount > 0;

    public void Append(ReadOnlySpan<byte> data)
    {
        var needed = _gatheredCount + data.Length;
        if (needed > _gathered.Length)
            Array.Resize(ref _gathered, Math.Max(needed, Math.Min(_gathered.Length * 2, _gathered.Length + (16 * 1024 * 1024))));

        data.CopyTo(_gathered.AsSpan(_gatheredCount));
        _gatheredCount = needed;
    }

    /// <summary>What was being sent has gone; gives the next part, empty if there is none.</summary>
    public ArraySegment<byte> Next()
    {
        (_gathered, _sending) = (_sending, _gathered);
        _sendingCount = _gatheredCount;
        _gatheredCount = 0;
        if (_gathered.Length > KeptCapacity || _sendingCount == 0)
            _gathered = [];

        if (_sendingCount == 0)
            _sending = [];

        return new ArraySegment<byte>(_sending, 0, _sendingCount);
    }

    public void Clear() => _gatheredCount = 0;
}
