using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace StatefulDeploy.Protocols.Resp;

/// <summary>Decodes RESP 2 and RESP 3 values from bytes that hold them whole.</summary>
public ref struct RespReader
{
    // The server's own replies nest a few levels (COMMAND DOCS, EXEC of those); a hostile one must not overflow our stack.
    private const int MaxDepth = 128;

    private readonly ReadOnlySpan<byte> _data;
    private int _at;

    /// <summary>Starts at the first byte.</summary>
    /// <param name="data">The bytes.</param>
    public RespReader(ReadOnlySpan<byte> data)
    {
        _data = data;
        _at = 0;
    }

    /// <summary>How many bytes have been read, counted from the start.</summary>
    public readonly int Consumed => _at;

    /// <summary>Takes one value off the front of a buffer, if it is there whole.</summary>
    /// <param name="buffer">The bytes; moved past the value when there was one.</param>
    /// <param name="value">The value, or null.</param>
    /// <returns>Whether a whole value was there.</returns>
    /// <exception cref="RespProtocolException">The bytes are not RESP.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, out RespValue? value)
    {
        RespFrameScanner scanner = default;
        if (!scanner.Scan(buffer, out long length))
        {
            value = null;
            return false;
        }

        ReadOnlySequence<byte> frame = buffer.Slice(0, length);
        value = new RespReader(frame.IsSingleSegment ? frame.FirstSpan : frame.ToArray()).Read();
        buffer = buffer.Slice(length);
        return true;
    }

    /// <summary>Reads the next value.</summary>
    /// <exception cref="RespProtocolException">The bytes are not RESP, end too early, or nest deeper than 128 levels.</exception>
    public RespValue Read() => Read(0);

    private RespValue Read(int depth)
    {
        if (depth > MaxDepth)
        {
            throw new RespProtocolException($"A RESP value nests deeper than {MaxDepth} levels.");
        }

        byte marker = ReadByte();
        return marker switch
        {
            (byte)'+' or (byte)'-' or (byte)':' or (byte)',' or (byte)'#' or (byte)'(' => RespValue.Scalar((RespType)marker, ReadLine().ToArray()),
            (byte)'_' => ReadNull(),
            (byte)'$' or (byte)'!' => ReadBulk((RespType)marker),
            (byte)'=' => ReadVerbatim(),
            (byte)'*' or (byte)'~' or (byte)'>' => ReadList((RespType)marker, ReadLength(), depth),
            (byte)'%' => ReadList(RespType.Map, ReadLength() * 2, depth),
            (byte)'|' => ReadAttributed(depth),
            _ => throw new RespProtocolException($"Not a RESP value: it starts with byte 0x{marker:X2}."),
        };
    }

    private RespValue ReadNull()
    {
        ReadLine();
        return RespValue.Null;
    }

    private RespValue ReadBulk(RespType type)
    {
        long length = ReadLength();
        return length < 0 ? RespValue.Null : RespValue.Scalar(type, ReadBody(length).ToArray());
    }

    private RespValue ReadVerbatim()
    {
        ReadOnlySpan<byte> body = ReadBody(ReadLength());
        return body.Length >= 4 && body[3] == (byte)':'
            ? RespValue.Verbatim(Encoding.ASCII.GetString(body[..3]), body[4..].ToArray())
            : throw new RespProtocolException("A verbatim string lacks its format.");
    }

    private RespValue ReadList(RespType type, long count, int depth)
    {
        if (count < 0)
        {
            return RespValue.Null;
        }

        if (count > _data.Length - _at)
        {
            throw new RespProtocolException("A RESP list promises more values than bytes follow.");
        }

        RespValue[] items = new RespValue[count];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = Read(depth + 1);
        }

        return RespValue.List(type, items);
    }

    private RespValue ReadAttributed(int depth)
    {
        RespValue attributes = ReadList(RespType.Map, ReadLength() * 2, depth);
        return Read(depth + 1).WithAttributes(attributes.Items);
    }

    private byte ReadByte() => _at < _data.Length ? _data[_at++] : throw TooShort();

    private ReadOnlySpan<byte> ReadLine()
    {
        ReadOnlySpan<byte> rest = _data[_at..];
        int end = rest.IndexOf((byte)'\n');
        if (end < 1 || rest[end - 1] != (byte)'\r')
        {
            throw TooShort();
        }

        _at += end + 1;
        return rest[..(end - 1)];
    }

    private long ReadLength()
    {
        ReadOnlySpan<byte> line = ReadLine();
        return Utf8Parser.TryParse(line, out long length, out int used) && used == line.Length
            ? length
            : throw new RespProtocolException("A RESP length is not a number, or streamed.");
    }

    private ReadOnlySpan<byte> ReadBody(long length)
    {
        if (length < 0 || length > _data.Length - _at - 2)
        {
            throw TooShort();
        }

        ReadOnlySpan<byte> body = _data.Slice(_at, (int)length);
        _at += (int)length + 2;
        return body;
    }

    private static RespProtocolException TooShort() => new("A RESP value ends too early.");
}
