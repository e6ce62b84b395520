using System.Text;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Gateway.Sessions;

/// <summary>What a connection is subscribed to, as the server confirmed it.</summary>
internal sealed class Subscriptions
{
    // Latin-1 keeps every byte of a name as one character.
    private readonly HashSet<string> _channels = new(StringComparer.Ordinal);
    private readonly HashSet<string> _patterns = new(StringComparer.Ordinal);
    private readonly HashSet<string> _shardChannels = new(StringComparer.Ordinal);

    public int Count => _channels.Count + _patterns.Count + _shardChannels.Count;

    /// <summary>How many names of the kind that a command (SUBSCRIBE, PUNSUBSCRIBE…) changes there are.</summary>
    public int CountOf(string command) => SetOf(command).Count;

    public static bool IsConfirmation(string kind) => kind is
        "subscribe" or "psubscribe" or "ssubscribe" or "unsubscribe" or "punsubscribe" or "sunsubscribe";

    public static bool IsMessage(string kind) => kind is "message" or "pmessage" or "smessage";

    /// <summary>Takes note of a confirmation.</summary>
    public void Apply(string kind, RespValue name)
    {
        if (name.IsNull)
            return;

        var text = Encoding.Latin1.GetString(name.Bytes.Span);
        if (kind.Contains("unsub", StringComparison.Ordinal))
            SetOf(kind).Remove(text);
        else
            SetOf(kind).Add(text);
    }

    public void Clear()
    {
        _channels.Clear();
        _patterns.Clear();
        _shardChannels.Clear();
    }

    /// <summary>The commands that subscribe another connection to the same, each with the number of its confirmations.</summary>
    public IEnumerable<(RespCommand Command, int Confirmations)> Commands()
    {
        foreach (var (name, set) in new[] { ("SUBSCRIBE", _channels), ("PSUBSCRIBE", _patterns) })
        {
            if (set.Count > 0)
                yield return (RespCommand.Create([name, .. set.Select(ToArgument)]), set.Count);
        }

        // In cluster mode the channels of one SSUBSCRIBE must share a slot.
        foreach (var channel in _shardChannels)
            yield return (["SSUBSCRIBE", ToArgument(channel)], 1);
    }

    private static RespArgument ToArgument(string name) => Encoding.Latin1.GetBytes(name);

    private HashSet<string> SetOf(string command) => char.ToLowerInvariant(command[0]) switch
    {
        'p' => _patterns,
        's' when char.ToLowerInvariant(command[1]) == 's' => _shardChannels,
        's' when command.StartsWith("sun", StringComparison.OrdinalIgnoreCase) => _shardChannels,
        _ => _channels,
    };
}
