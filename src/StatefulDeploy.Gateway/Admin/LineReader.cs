using System.Text;

namespace StatefulDeploy.Gateway.Admin;

/// <summary>Reads lines of bounded length.</summary>
internal sealed class LineReader(Stream stream, int limit)
{
    private byte[] _buffer = new byte[1024];
    private int _count;

    /// <summary>The next line without its end; null when the other side has closed.</summary>
    /// <exception cref="IOException">A line is too long.</exception>
    public async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        int end;
        while ((end = _buffer.AsSpan(0, _count).IndexOf((byte)'\n')) < 0)
        {
            if (_count == _buffer.Length)
                Array.Resize(ref _buffer, _count < limit ? _count * 2 : throw new IOException($"A line is longer than {limit} bytes."));

            var read = await stream.ReadAsync(_buffer.AsMemory(_count), cancellationToken);
            if (read == 0)
                return null;

            _count += read;
        }

        var line = Encoding.UTF8.GetString(_buffer, 0, end);
        _count -= end + 1;
        _buffer.AsSpan(end + 1, _count).CopyTo(_buffer);
        return line;
    }
}
