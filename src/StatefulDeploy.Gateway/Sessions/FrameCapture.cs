namespace StatefulDeploy.Gateway.Sessions;

/// <summary>Gathers the bytes of one answer over several receives.</summary>
internal sealed class FrameCapture
{
    private const int MaxGrowth = 16 * 1024 * 1024;

    private byte[] _buffer = [];
    private int _count;

    public bool IsActive { get; set; }

    public ReadOnlySpan<byte> Span => _buffer.AsSpan(0, _count);

    public bool IsEmpty => _count == 0;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_count + bytes.Length > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_count + bytes.Length, _buffer.Length + Math.Min(_buffer.Length, MaxGrowth)));

        bytes.CopyTo(_buffer.AsSpan(_count));
        _count += bytes.Length;
    }

    public void Clear()
    {
        _buffer = [];
        _count = 0;
        IsActive = false;
    }
}
