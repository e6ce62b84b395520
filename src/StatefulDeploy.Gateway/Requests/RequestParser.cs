using System.Buffers;

namespace StatefulDeploy.Gateway.Requests;

/// <summary>Finds the bounds of a request and its first words, without allocating. Lengths lead over the bodies: no byte of a value is looked at.</summary>
internal static class RequestParser
{
    private const int MaxInline = 64 * 1024;
    private const int MaxWords = 1024 * 1024;

    private static readonly SearchValues<byte> Spaces = SearchValues.Create(" \t\r\n\v\f"u8);

    public static RequestParse Parse(ReadOnlySpan<byte> data, out RequestHead head)
    {
        head = default;
        return data[0] == (byte)'*' ? ParseArray(data, ref head) : ParseInline(data, ref head);
    }

    private static RequestParse ParseArray(ReadOnlySpan<byte> data, ref RequestHead head)
    {
        if (TryParseShort(data, ref head))
            return RequestParse.Whole;

        head = default;
        var at = 1;
        if (!ReadNumber(data, ref at, out var words))
            return Unfinished(data, at, ref head, "Protocol error: invalid multibulk length");

        if (words > MaxWords)
            return Invalid(ref head, "Protocol error: invalid multibulk length");

        head.Words = (int)Math.Max(0, words);
        for (var word = 0; word < head.Words; word++)
        {
            if (at >= data.Length)
                return Partial(data, 1, ref head);

            if (data[at] != (byte)'$')
                return Invalid(ref head, $"Protocol error: expected '$', got '{(char)data[at]}'");

            at++;
            if (!ReadNumber(data, ref at, out var length))
                return Unfinished(data, at, ref head, "Protocol error: invalid bulk length");

            if (length < 0)
                return Invalid(ref head, "Protocol error: invalid bulk length");

            if (length + 2 > data.Length - at)
                return Partial(data, length + 2 - (data.Length - at), ref head);

            NoteWord(data.Slice(at, (int)length), word, ref head);
            at += (int)length + 2;
        }

        head.Length = at;
        return RequestParse.Whole;
    }

    /// <summary>Most requests have few words of few bytes, and are there whole.</summary>
    private static bool TryParseShort(ReadOnlySpan<byte> data, ref RequestHead head)
    {
        if (data.Length < 4 || data[2] != (byte)'\r' || data[3] != (byte)'\n')
            return false;

        var words = data[1] - '0';
        if (words is < 1 or > 9)
            return false;

        var at = 4;
        for (var word = 0; word < words; word++)
        {
            if (at + 4 > data.Length || data[at] != (byte)'$')
                return false;

            var length = data[at + 1] - '0';
            var isNumber = length is >= 0 and <= 9;
            at += 2;
            while (at < data.Length && (uint)(data[at] - '0') <= 9 && length < 100_000)
                length = (length * 10) + data[at++] - '0';

            if (!isNumber || at + 2 > data.Length || data[at] != (byte)'\r' || length + 4 > data.Length - at)
                return false;

            at += 2;
            if (word == 0)
                head.Name = data.Slice(at, length);
            else if (word == 1)
                head.Second = data.Slice(at, length);

            at += length + 2;
        }

        head.Words = head.WordsSeen = words;
        head.Length = at;
        return true;
    }

    private static void NoteWord(ReadOnlySpan<byte> bytes, int word, ref RequestHead head)
    {
        head.WordsSeen = word + 1;
        if (word == 0)
            head.Name = bytes;
        else if (word == 1)
            head.Second = bytes;
    }

    private static RequestParse ParseInline(ReadOnlySpan<byte> data, ref RequestHead head)
    {
        head.IsInline = true;
        var end = data.IndexOf((byte)'\n');
        if (end < 0)
        {
            return data.Length > MaxInline
                ? Invalid(ref head, "Protocol error: too big inline request")
                : Partial(data, 1, ref head);
        }

        head.Length = end + 1;
        head.Words = data[..end].IndexOfAnyExcept(Spaces) < 0 ? 0 : 1;
        return RequestParse.Whole;
    }

    /// <summary>Reads a number and its line end. False if it is not all there (then the position is at the end of the data) or is none.</summary>
    private static bool ReadNumber(ReadOnlySpan<byte> data, ref int at, out long number)
    {
        number = 0;
        var start = at;
        var negative = at < data.Length && data[at] == (byte)'-';
        if (negative)
            at++;

        for (; at < data.Length; at++)
        {
            var digit = (uint)(data[at] - '0');
            if (digit > 9 || number > int.MaxValue)
                break;

            number = (number * 10) + digit;
        }

        if (at >= data.Length - 1)
        {
            at = data.Length;
            return false;
        }

        var whole = data[at] == (byte)'\r' && data[at + 1] == (byte)'\n' && at > start + (negative ? 1 : 0);
        at = whole ? at + 2 : at;
        number = negative ? -number : number;
        return whole;
    }

    private static RequestParse Unfinished(ReadOnlySpan<byte> data, int at, ref RequestHead head, string error) =>
        at >= data.Length ? Partial(data, 1, ref head) : Invalid(ref head, error);

    private static RequestParse Partial(ReadOnlySpan<byte> data, long missing, ref RequestHead head)
    {
        head.Length = data.Length;
        head.Missing = missing;
        return RequestParse.Partial;
    }

    private static RequestParse Invalid(ref RequestHead head, string error)
    {
        head.Error = error;
        return RequestParse.Invalid;
    }
}
