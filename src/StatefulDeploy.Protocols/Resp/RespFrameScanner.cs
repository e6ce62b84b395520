using System.Buffers;

namespace StatefulDeploy.Protocols.Resp;

/// <summary>
/// Finds where a RESP value ends, however the bytes arrive, without allocating and without keeping any of them.
/// Nested values need no stack: a list of <c>n</c> turns one value still to come into <c>n</c>.
/// </summary>
/// <remarks>A mutable struct: keep it in a field or a local, not in a readonly field.</remarks>
public struct RespFrameScanner
{
    private enum Phase : byte
    {
        Marker,
        Length,
        Text,
        Body,
    }

    private long _valuesLeft;
    private long _bodyLeft;
    private long _number;
    private Phase _phase;
    private byte _marker;
    private bool _started;
    private bool _negative;
    private bool _anyDigit;
    private bool _sawReturn;

    /// <summary>The marker byte of the value being scanned, its attributes passed over; 0 before it is known. Valid until the next call after a value ended.</summary>
    public byte TopMarker { get; private set; }

    /// <summary>Whether some, but not all, bytes of a value have been seen.</summary>
    public readonly bool InsideValue => _started;

    /// <summary>Scans on.</summary>
    /// <param name="data">The bytes that follow those given before.</param>
    /// <param name="consumed">How many bytes of <paramref name="data"/> belong to the current value: all of them if it has not ended.</param>
    /// <returns>Whether the value ended within <paramref name="data"/>. The next call starts a new value.</returns>
    /// <exception cref="RespProtocolException">The bytes are not RESP, or are of a streamed type.</exception>
    public bool Scan(ReadOnlySpan<byte> data, out int consumed)
    {
        int at = 0;
        if (!_started && data.Length > 0)
        {
            if (TryMeasure(data, out consumed))
            {
                TopMarker = data[0];
                return true;
            }

            Start();
        }

        while (at < data.Length)
        {
            bool ended = _phase switch
            {
                Phase.Marker => ReadMarker(data[at++]),
                Phase.Length => ReadLength(data, ref at),
                Phase.Text => SkipText(data, ref at),
                _ => SkipBody(data, ref at),
            };
            if (ended)
            {
                _started = false;
                consumed = at;
                return true;
            }
        }

        consumed = at;
        return false;
    }

    /// <summary>The length of the value that the bytes start with, if it is a line or a bulk string that is there whole: most are, and nothing has to be remembered of those.</summary>
    /// <param name="data">The bytes, at least one.</param>
    /// <param name="length">The length of the value in bytes.</param>
    /// <returns>False if it is another value, or not there whole, or none.</returns>
    public static bool TryMeasure(ReadOnlySpan<byte> data, out int length)
    {
        length = data[0] switch
        {
            (byte)'$' => ShortBulkLength(data),
            (byte)'+' or (byte)':' or (byte)'-' => data.IndexOf((byte)'\n') + 1,
            _ => 0,
        };
        return length > 0;
    }

    /// <summary>Scans on over a sequence of segments.</summary>
    /// <param name="data">The bytes that follow those given before.</param>
    /// <param name="consumed">How many of them belong to the current value.</param>
    /// <returns>Whether the value ended.</returns>
    /// <exception cref="RespProtocolException">The bytes are not RESP, or are of a streamed type.</exception>
    public bool Scan(in ReadOnlySequence<byte> data, out long consumed)
    {
        consumed = 0;
        foreach (ReadOnlyMemory<byte> segment in data)
        {
            bool ended = Scan(segment.Span, out int taken);
            consumed += taken;
            if (ended)
            {
                return true;
            }
        }

        return false;
    }


    private static int ShortBulkLength(ReadOnlySpan<byte> data)
    {
        int length = 0;
        int at = 1;
        for (; at < data.Length && at <= 9; at++)
        {
            uint digit = (uint)(data[at] - '0');
            if (digit > 9)
            {
                break;
            }

            length = (length * 10) + (int)digit;
        }

        bool isLength = at > 1 && at + 1 < data.Length && data[at] == (byte)'\r' && data[at + 1] == (byte)'\n';
        int end = at + 2 + length + 2;
        return isLength && end <= data.Length ? end : 0;
    }

    private void Start()
    {
        _started = true;
        _valuesLeft = 1;
        _phase = Phase.Marker;
        TopMarker = 0;
    }

    private bool ReadMarker(byte marker)
    {
        _marker = marker;
        if (TopMarker == 0 && _valuesLeft == 1 && marker != (byte)'|')
        {
            TopMarker = marker;
        }

        switch (marker)
        {
            case (byte)'+' or (byte)'-' or (byte)':' or (byte)'_' or (byte)',' or (byte)'#' or (byte)'(':
                _phase = Phase.Text;
                return false;
            case (byte)'$' or (byte)'!' or (byte)'=' or (byte)'*' or (byte)'~' or (byte)'>' or (byte)'%' or (byte)'|':
                _phase = Phase.Length;
                _number = 0;
                _negative = false;
                _anyDigit = false;
                _sawReturn = false;
                return false;
            default:
                throw new RespProtocolException($"Not a RESP value: it starts with byte 0x{marker:X2}.");
        }
    }

    private bool ReadLength(ReadOnlySpan<byte> data, ref int at)
    {
        while (at < data.Length)
        {
            byte b = data[at++];
            uint digit = (uint)(b - '0');
            if (digit <= 9 && !_sawReturn)
            {
                if (_number > long.MaxValue / 100)
                {
                    throw new RespProtocolException("A RESP length is too large.");
                }

                _number = (_number * 10) + digit;
                _anyDigit = true;
            }
            else if (b == '\n' && _sawReturn)
            {
                return EndLength();
            }
            else
            {
                ReadLengthMark(b);
            }
        }

        return false;
    }

    private void ReadLengthMark(byte b)
    {
        if (b == '\r' && _anyDigit && !_sawReturn)
        {
            _sawReturn = true;
        }
        else if (b == '-' && !_anyDigit && !_negative)
        {
            _negative = true;
        }
        else if (b == '?')
        {
            throw new RespProtocolException("Streamed RESP 3 values are not supported.");
        }
        else
        {
            throw new RespProtocolException($"A RESP length holds byte 0x{b:X2}.");
        }
    }

    private bool EndLength()
    {
        if (_negative)
        {
            return _number == 1 && _marker is (byte)'$' or (byte)'*'
                ? EndValue(0)
                : throw new RespProtocolException("A RESP length is negative.");
        }

        switch (_marker)
        {
            case (byte)'$' or (byte)'!' or (byte)'=':
                _bodyLeft = _number + 2;
                _phase = Phase.Body;
                return false;
            case (byte)'%':
                return EndValue(checked(_number * 2));
            case (byte)'|':
                // An attribute comes before the value it describes and is none itself.
                return EndValue(checked((_number * 2) + 1));
            default:
                return EndValue(_number);
        }
    }

    private bool SkipText(ReadOnlySpan<byte> data, ref int at)
    {
        int end = data[at..].IndexOf((byte)'\n');
        if (end < 0)
        {
            at = data.Length;
            return false;
        }

        at += end + 1;
        return EndValue(0);
    }

    private bool SkipBody(ReadOnlySpan<byte> data, ref int at)
    {
        int here = (int)Math.Min(_bodyLeft, data.Length - at);
        at += here;
        _bodyLeft -= here;
        return _bodyLeft == 0 && EndValue(0);
    }

    private bool EndValue(long children)
    {
        _valuesLeft += children - 1;
        _phase = Phase.Marker;
        return _valuesLeft == 0;
    }
}
