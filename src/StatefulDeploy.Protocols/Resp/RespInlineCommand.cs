using System.Globalization;

namespace StatefulDeploy.Protocols.Resp;

/// <summary>Splits an inline command (what a person types into telnet) into words by the server's own quoting rules.</summary>
public static class RespInlineCommand
{
    /// <summary>Splits a line.</summary>
    /// <param name="line">The line, with or without its line end.</param>
    /// <exception cref="RespProtocolException">Quotes are not balanced, or the line is empty.</exception>
    public static RespCommand Parse(ReadOnlySpan<byte> line)
    {
        List<RespArgument> words = [];
        int at = 0;
        while (SkipSpaces(line, ref at))
        {
            words.Add(ReadWord(line, ref at));
        }

        return words.Count == 0
            ? throw new RespProtocolException("An inline command is empty.")
            : RespCommand.Create(words.ToArray());
    }

    private static bool SkipSpaces(ReadOnlySpan<byte> line, ref int at)
    {
        while (at < line.Length && IsSpace(line[at]))
        {
            at++;
        }

        return at < line.Length;
    }

    private static byte[] ReadWord(ReadOnlySpan<byte> line, ref int at)
    {
        List<byte> word = [];
        while (at < line.Length && !IsSpace(line[at]))
        {
            byte b = line[at++];
            if (b is (byte)'"' or (byte)'\'')
            {
                ReadQuoted(line, ref at, b, word);
                if (at < line.Length && !IsSpace(line[at]))
                {
                    throw Unbalanced();
                }
            }
            else
            {
                word.Add(b);
            }
        }

        return [.. word];
    }

    private static void ReadQuoted(ReadOnlySpan<byte> line, ref int at, byte quote, List<byte> word)
    {
        while (at < line.Length)
        {
            byte b = line[at++];
            if (b == quote)
            {
                return;
            }

            bool escaped = b == (byte)'\\' && at < line.Length && (quote == (byte)'"' || line[at] == (byte)'\'');
            word.Add(escaped ? ReadEscape(line, ref at) : b);
        }

        throw Unbalanced();
    }

    private static byte ReadEscape(ReadOnlySpan<byte> line, ref int at)
    {
        byte b = line[at++];
        if (b == (byte)'x' && at + 2 <= line.Length
            && byte.TryParse(line.Slice(at, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
        {
            at += 2;
            return value;
        }

        return b switch
        {
            (byte)'n' => (byte)'\n',
            (byte)'r' => (byte)'\r',
            (byte)'t' => (byte)'\t',
            (byte)'b' => (byte)'\b',
            (byte)'a' => (byte)'\a',
            _ => b,
        };
    }

    private static bool IsSpace(byte b) => b is (byte)' ' or (>= 9 and <= 13) or 0;

    private static RespProtocolException Unbalanced() => new("An inline command has unbalanced quotes.");
}
