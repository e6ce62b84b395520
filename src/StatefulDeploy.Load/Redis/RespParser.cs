using System.Buffers.Text;

namespace StatefulDeploy.Load.Redis;

/// <summary>
/// Reads one reply from bytes that may end anywhere. Deliberately apart from the product's own codec, whose mistakes it would
/// share.
/// </summary>
internal ref struct RespParser(ReadOnlyMemory<byte> bytes)
{
    public int Consumed { get; private set; }

    /// <summary>False if the reply is not complete yet.</summary>
    /// <exception cref="IOException">This is no RESP.</exception>
    public bool TryRead(out RespReply reply)
    {
        reply = default;
        if (!TryLine(out var mark, out var line))
        {
            return false;
        }

        switch (mark)
        {
            case '+':
            case ',':
            case '#':
                reply = new RespReply(RespType.Text, line);
                return true;
            case '-':
                reply = new RespReply(RespType.Error, line);
                return true;
            case ':':
                reply = new RespReply(RespType.Integer, line, Number(line));
                return true;
            case '_':
                reply = new RespReply(RespType.Null, default);
                return true;
            case '$':
            case '=':
            case '!':
                return TryBulk(mark, Number(line), out reply);
            case '*':
            case '~':
            case '>':
                return TryArray(Number(line), out reply);
            case '%':
                return TryArray(Number(line) * 2, out reply);
            default:
                throw new IOException($"The service's reply starts with '{mark}', which is no RESP.");
        }
    }

    private bool TryLine(out char mark, out ReadOnlyMemory<byte> line)
    {
        var rest = bytes.Span[Consumed..];
        var end = rest.IndexOf("\r\n"u8);
        if (end < 1)
        {
            mark = default;
            line = default;
            return false;
        }

        mark = (char)rest[0];
        line = bytes.Slice(Consumed + 1, end - 1);
        Consumed += end + 2;
        return true;
    }

    private bool TryBulk(char mark, long length, out RespReply reply)
    {
        reply = new RespReply(RespType.Null, default);
        if (length < 0)
        {
            return true;
        }

        if (bytes.Length - Consumed < length + 2)
        {
            return false;
        }

        reply = new RespReply(mark == '!' ? RespType.Error : RespType.Bulk, bytes.Slice(Consumed, (int)length));
        Consumed += (int)length + 2;
        return true;
    }

    private bool TryArray(long count, out RespReply reply)
    {
        reply = new RespReply(RespType.Null, default);
        if (count < 0)
        {
            return true;
        }

        var items = new RespReply[count];
        for (var i = 0; i < items.Length; i++)
        {
            if (!TryRead(out items[i]))
            {
                return false;
            }
        }

        reply = new RespReply(RespType.Array, default, 0, items);
        return true;
    }

    private static long Number(ReadOnlyMemory<byte> line) => Utf8Parser.TryParse(line.Span, out long number, out var used) && used == line.Length
        ? number
        : throw new IOException("The service's reply has no number where RESP has one.");
}
