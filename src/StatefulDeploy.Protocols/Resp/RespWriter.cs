using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace StatefulDeploy.Protocols.Resp;

/// <summary>Encodes commands and values as RESP.</summary>
public static class RespWriter
{
    // Marker, 20 characters of a 64-bit number, line end.
    private const int MaxHeader = 23;

    /// <summary>Writes a command as an array of bulk strings.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="command">The command.</param>
    public static void WriteCommand(IBufferWriter<byte> output, RespCommand command)
    {
        WriteHeader(output, '*', command.Count);
        for (int i = 0; i < command.Count; i++)
        {
            WriteBulk(output, command[i].Bytes.Span);
        }
    }

    /// <summary>Writes a marker, a number and a line end, such as <c>*3</c>.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="marker">The type's marker.</param>
    /// <param name="number">A length, a count or an integer.</param>
    public static void WriteHeader(IBufferWriter<byte> output, char marker, long number)
    {
        Span<byte> span = output.GetSpan(MaxHeader);
        span[0] = (byte)marker;
        Utf8Formatter.TryFormat(number, span[1..], out int written);
        span[written + 1] = (byte)'\r';
        span[written + 2] = (byte)'\n';
        output.Advance(written + 3);
    }

    /// <summary>Writes a bulk string.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="body">Its bytes.</param>
    public static void WriteBulk(IBufferWriter<byte> output, ReadOnlySpan<byte> body)
    {
        WriteHeader(output, '$', body.Length);
        output.Write(body);
        output.Write("\r\n"u8);
    }

    /// <summary>Writes a value with its attributes.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="value">The value.</param>
    /// <param name="protocol">2 or 3: how null is written. What else RESP 2 lacks is written as given.</param>
    public static void WriteValue(IBufferWriter<byte> output, RespValue value, int protocol = 3)
    {
        if (value.Attributes.Count > 0)
        {
            WriteHeader(output, '|', value.Attributes.Count / 2);
            WriteAll(output, value.Attributes, protocol);
        }

        switch (value.Type)
        {
            case RespType.Null:
                output.Write(protocol == 2 ? "$-1\r\n"u8 : "_\r\n"u8);
                break;
            case RespType.BulkString:
                WriteBulk(output, value.Bytes.Span);
                break;
            case RespType.BulkError:
                WriteBody(output, '!', default, value.Bytes.Span);
                break;
            case RespType.VerbatimString:
                WriteBody(output, '=', Encoding.ASCII.GetBytes($"{value.VerbatimFormat}:"), value.Bytes.Span);
                break;
            case RespType.Map:
                WriteHeader(output, '%', value.Items.Count / 2);
                WriteAll(output, value.Items, protocol);
                break;
            case RespType.Array or RespType.Set or RespType.Push:
                WriteHeader(output, (char)value.Type, value.Items.Count);
                WriteAll(output, value.Items, protocol);
                break;
            default:
                WriteLine(output, (char)value.Type, value.Bytes.Span);
                break;
        }
    }

    private static void WriteAll(IBufferWriter<byte> output, IReadOnlyList<RespValue> items, int protocol)
    {
        foreach (RespValue item in items)
        {
            WriteValue(output, item, protocol);
        }
    }

    private static void WriteBody(IBufferWriter<byte> output, char marker, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> body)
    {
        WriteHeader(output, marker, prefix.Length + body.Length);
        output.Write(prefix);
        output.Write(body);
        output.Write("\r\n"u8);
    }

    private static void WriteLine(IBufferWriter<byte> output, char marker, ReadOnlySpan<byte> text)
    {
        if (text.IndexOfAny((byte)'\r', (byte)'\n') >= 0)
        {
            throw new ArgumentException("A line of RESP cannot hold a line end.", nameof(text));
        }

        output.Write([(byte)marker]);
        output.Write(text);
        output.Write("\r\n"u8);
    }
}
