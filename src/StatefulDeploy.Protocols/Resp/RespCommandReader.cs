namespace StatefulDeploy.Protocols.Resp;

/// <summary>Decodes commands as a server sees them: arrays of bulk strings, or inline (words on a line).</summary>
public static class RespCommandReader
{
    /// <summary>Reads the command at the start of the bytes, if it is there whole. Empty lines before it are passed over and counted with it.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="command">The command, or null if more bytes are needed.</param>
    /// <param name="consumed">How many bytes the command took with the empty lines before it; 0 without a command.</param>
    /// <returns>Whether there was a whole command.</returns>
    /// <exception cref="RespProtocolException">The bytes are no command.</exception>
    public static bool TryRead(ReadOnlySpan<byte> data, out RespCommand? command, out int consumed)
    {
        int start = SkipEmptyLines(data);
        ReadOnlySpan<byte> rest = data[start..];
        command = null;
        consumed = 0;
        if (rest.IsEmpty)
        {
            return false;
        }

        int length = rest[0] == (byte)'*' ? ReadArray(rest, out command) : ReadInline(rest, out command);
        consumed = command is null ? 0 : start + length;
        return command is not null;
    }

    /// <summary>How many bytes at the start are line ends and spaces before them, which hold no command.</summary>
    internal static int SkipEmptyLines(ReadOnlySpan<byte> data)
    {
        int rest = data.IndexOfAnyExcept((byte)'\r', (byte)'\n');
        return rest < 0 ? data.Length : rest;
    }

    /// <summary>Decodes a command that is there whole as an array of bulk strings.</summary>
    internal static RespCommand Decode(ReadOnlySpan<byte> frame)
    {
        RespValue array = new RespReader(frame).Read();
        if (array.Type != RespType.Array || array.Items.Count == 0 || array.Items.Any(item => item.Type != RespType.BulkString))
        {
            throw new RespProtocolException("A command must be an array of bulk strings.");
        }

        return RespCommand.Create([.. array.Items.Select(item => new RespArgument(item.Bytes))]);
    }

    private static int ReadArray(ReadOnlySpan<byte> data, out RespCommand? command)
    {
        RespFrameScanner scanner = default;
        bool whole = scanner.Scan(data, out int length);
        command = whole ? Decode(data[..length]) : null;
        return length;
    }

    private static int ReadInline(ReadOnlySpan<byte> data, out RespCommand? command)
    {
        int end = data.IndexOf((byte)'\n');
        command = end < 0 ? null : RespInlineCommand.Parse(data[..end]);
        return end + 1;
    }
}
