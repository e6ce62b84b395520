using System.Text;
using StatefulDeploy.Gateway.Requests;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Gateway.Sessions;

/// <summary>What the server remembers of a client's connection, so that another connection can be made the same. Holds passwords: it is never shown.</summary>
internal sealed class SessionState
{
    private readonly SortedDictionary<string, byte[]> _clientSettings = new(StringComparer.Ordinal);
    private byte[]? _authenticate;
    private byte[]? _select;
    private byte[]? _readOnly;
    private byte[]? _tracking;

    /// <summary>2 or 3.</summary>
    public int Protocol { get; private set; } = 2;

    /// <summary>Whether the server tells the client what to drop from its cache.</summary>
    public bool IsTracking => _tracking is not null;

    /// <summary>Whether it tells another connection instead, by an id that only one server knows.</summary>
    public bool IsTrackingByRedirect { get; private set; }

    /// <summary>Takes note of a command that the server has accepted.</summary>
    /// <returns>Whether another connection must be told the same; not so for what is about the next command alone.</returns>
    public bool Apply(RespCommand command)
    {
        switch (command.Name)
        {
            case "AUTH":
                _authenticate = LocalReply.Encode(command);
                return true;
            case "HELLO":
                ApplyHello(command);
                return true;
            case "SELECT":
                _select = LocalReply.Encode(command);
                return true;
            case "READONLY":
                _readOnly = LocalReply.Encode(command);
                return true;
            case "READWRITE":
                _readOnly = null;
                return true;
            case "CLIENT" when command.Count > 2:
                return ApplyClient(command);
            default:
                return false;
        }
    }

    /// <summary>RESET: all is as on a new connection.</summary>
    public void Clear()
    {
        _clientSettings.Clear();
        _authenticate = _select = _readOnly = _tracking = null;
        IsTrackingByRedirect = false;
        Protocol = 2;
    }

    /// <summary>The commands that make a new connection the same, and whether a session can do without.</summary>
    public IEnumerable<(byte[] Command, bool IsEssential)> Commands()
    {
        if (_authenticate is not null)
            yield return (_authenticate, true);

        if (Protocol != 2)
            yield return (LocalReply.Encode(["HELLO", Protocol]), true);

        // Names and hints: another version of the server may not know all of them.
        foreach (var setting in _clientSettings.Values)
            yield return (setting, false);

        if (_select is not null)
            yield return (_select, true);

        if (_readOnly is not null)
            yield return (_readOnly, false);

        if (_tracking is not null)
            yield return (_tracking, true);
    }

    private static string Word(RespCommand command, int index) => Encoding.UTF8.GetString(command[index].Bytes.Span).ToUpperInvariant();

    private void ApplyHello(RespCommand command)
    {
        if (command.Count > 1 && int.TryParse(Word(command, 1), out var protocol))
            Protocol = protocol;

        for (var i = 2; i < command.Count; i++)
        {
            if (Word(command, i) == "AUTH" && i + 2 < command.Count)
            {
                _authenticate = LocalReply.Encode(["AUTH", command[i + 1], command[i + 2]]);
                i += 2;
            }
            else if (Word(command, i) == "SETNAME" && i + 1 < command.Count)
            {
                _clientSettings["SETNAME"] = LocalReply.Encode(["CLIENT", "SETNAME", command[i + 1]]);
                i++;
            }
        }
    }

    private bool ApplyClient(RespCommand command)
    {
        var setting = Word(command, 1);
        switch (setting)
        {
            case "TRACKING":
                var on = Word(command, 2) == "ON";
                _tracking = on ? LocalReply.Encode(command) : null;
                IsTrackingByRedirect = on && command.Skip(3).Any(word => Ascii.EqualsIgnoreCase(word.Bytes.Span, "REDIRECT"u8));
                break;
            case "CACHING":
                return false;
            case "SETINFO":
                _clientSettings[$"SETINFO {Word(command, 2)}"] = LocalReply.Encode(command);
                break;
            default:
                _clientSettings[setting] = LocalReply.Encode(command);
                break;
        }

        return true;
    }
}
