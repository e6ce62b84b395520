using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace StatefulDeploy.Guard;

/// <summary>Documents of JSON on a stream, one a line.</summary>
internal sealed class JsonLines(Stream input, Stream output)
{
    private const int LongestLine = 4 * 1024 * 1024;

    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;

    /// <summary>On a stream that goes both ways, or of which only one way is used.</summary>
    public JsonLines(Stream stream)
        : this(stream, stream)
    {
    }

    /// <summary>The next document; null at the end of the stream.</summary>
    /// <exception cref="JsonException">The line is no such document, or no line is that long.</exception>
    public async ValueTask<T?> ReadAsync<T>(JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        for (var scanned = 0; ;)
        {
            var found = Array.IndexOf(_buffer, (byte)'\n', _start + scanned, _end - _start - scanned);
            if (found >= 0)
            {
                var line = _buffer.AsMemory(_start, found - _start);
                _start = found + 1;
                return JsonSerializer.Deserialize(line.Span, type) ?? throw new JsonException("The document is null.");
            }

            scanned = _end - _start;
            MakeRoom();
            var count = await input.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (count == 0)
                return null;

            _end += count;
        }
    }

    public async ValueTask WriteAsync<T>(T document, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
            JsonSerializer.Serialize(writer, document, type);

        buffer.Write("\n"u8);
        await output.WriteAsync(buffer.WrittenMemory, cancellationToken);
        await output.FlushAsync(cancellationToken);
    }

    private void MakeRoom()
    {
        if (_end < _buffer.Length)
            return;

        var length = _end - _start;
        if (length >= LongestLine)
            throw new JsonException($"A line is longer than {LongestLine} bytes.");

        var target = length > _buffer.Length / 2 ? new byte[_buffer.Length * 2] : _buffer;
        Array.Copy(_buffer, _start, target, 0, length);
        (_buffer, _start, _end) = (target, 0, length);
    }
}
