using System.Globalization;
using System.Text;
using StatefulDeploy.Gateway.Requests;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Gateway.Sessions;

/// <summary>A command that waits on the server, so that it can be asked again elsewhere with the time that is left.</summary>
internal sealed class BlockingRequest
{
    private readonly RespCommand _command;
    private readonly int _timeoutAt;
    private readonly bool _inMilliseconds;
    private readonly long _deadline;

    public BlockingRequest(RequestKind kind, RespCommand command, long now)
    {
        Kind = kind;
        _command = command;
        _inMilliseconds = command.Name[0] == 'X';
        _timeoutAt = FindTimeout(command);
        _deadline = ReadTimeout() is > 0 and var timeout ? now + timeout : long.MaxValue;
    }

    public RequestKind Kind { get; }

    /// <summary>Whether the server was told to end it, so that it is not told again.</summary>
    public bool IsEnded { get; set; }

    /// <summary>The server's own nil for it, given to the client when time is up.</summary>
    public byte[] Nil { get; set; } = LocalReply.NullArray2;

    /// <summary>Whether asking again is of no use: its time is over, or it is WAIT.</summary>
    public bool IsOver(long now) => Kind == RequestKind.Wait || now >= _deadline;

    /// <summary>The command with the time that is left.</summary>
    public byte[] Again(long now)
    {
        if (_deadline == long.MaxValue || _timeoutAt < 0)
            return LocalReply.Encode(_command);

        // 0 would mean for ever.
        var left = Math.Max(1, _deadline - now);
        RespArgument[] words = [.. _command];
        words[_timeoutAt] = _inMilliseconds ? left : (left / 1000.0).ToString("0.000", CultureInfo.InvariantCulture);
        return LocalReply.Encode(RespCommand.Create(words));
    }

    private static int FindTimeout(RespCommand command)
    {
        if (command.Name is "BLMPOP" or "BZMPOP")
            return command.Count > 1 ? 1 : -1;

        if (command.Name[0] != 'X')
            return command.Name[0] == 'W' ? -1 : command.Count - 1;

        for (var i = 1; i < command.Count - 1; i++)
        {
            if (Ascii.EqualsIgnoreCase(command[i].Bytes.Span, "BLOCK"u8))
                return i + 1;
        }

        return -1;
    }

    private long ReadTimeout()
    {
        if (_timeoutAt < 0)
            return 0;

        var text = Encoding.ASCII.GetString(_command[_timeoutAt].Bytes.Span);
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and < 1e12
            ? (long)Math.Ceiling(_inMilliseconds ? value : value * 1000)
            : 0;
    }
}
