using System.Text;

namespace StatefulDeploy.Engines.Redis;

/// <summary>
/// The text of a server's configuration file. Closing a node durably means: its own <c>user</c> and <c>aclfile</c> lines become comments
/// (a user may be defined only once, and an ACL file excludes users in the file), and a marked block at the end defines every user with the
/// fence's denials, the default user as one that nobody can be, the control user, and as comments what the users were. Opening takes the block away and the comments back.
/// </summary>
internal static class RedisConfigText
{
    private const string Begin = "# >>> statefuldeploy: writes are closed; opening the node removes this block";
    private const string End = "# <<< statefuldeploy";
    private const string Original = "# statefuldeploy was: ";
    private const string Kept = "#statefuldeploy kept# ";

    /// <summary>Whether a server that is started with this text comes up closed.</summary>
    public static bool IsClosed(string text) => Lines(text).Contains(Begin);

    /// <summary>The users as they were before the text was closed; empty when it is open.</summary>
    public static IReadOnlyList<RedisAclUser> Originals(string text) =>
        [.. Lines(text).Where(line => line.StartsWith(Original, StringComparison.Ordinal)).Select(line => RedisAclUser.Parse(line[Original.Length..]))];

    /// <summary>The text with which a server comes up closed. Closing a closed text replaces its block.</summary>
    /// <param name="text">The text as it is.</param>
    /// <param name="originals">The users as they are to be when the node is opened.</param>
    /// <param name="denials">What the fence takes from each.</param>
    /// <param name="control">The control user, which keeps everything.</param>
    public static string Close(string text, IReadOnlyList<RedisAclUser> originals, IReadOnlyList<string> denials, RedisAclUser control)
    {
        IEnumerable<string> kept = Lines(Open(text)).Select(line => IsUserDirective(line) ? Kept + line : line);
        IEnumerable<string> block =
        [
            Begin,
            .. originals.Select(user => Original + user.Line),
            .. originals.Select(user => (user.Name == RedisAclUser.DefaultName ? RedisAclUser.Shut : user.Without(denials)).Line),
            control.Line,
            End,
        ];
        return Join(kept.Concat(block));
    }

    /// <summary>The text as it was before it was closed. User lines that the server itself has added since (CONFIG REWRITE) are fenced ones, and go.</summary>
    public static string Open(string text)
    {
        if (!IsClosed(text))
        {
            return text;
        }

        List<string> lines = [];
        bool inBlock = false;
        foreach (string line in Lines(text))
        {
            inBlock |= line == Begin;
            if (!inBlock && line.StartsWith(Kept, StringComparison.Ordinal))
            {
                lines.Add(line[Kept.Length..]);
            }
            else if (!inBlock && !IsUserDirective(line))
            {
                lines.Add(line);
            }

            inBlock &= line != End;
        }

        return Join(lines);
    }

    /// <summary>The values of a directive, in order; those of included files are not seen.</summary>
    public static IReadOnlyList<string> Values(string text, string directive) =>
        [.. Lines(text).Select(Split).Where(pair => pair.Name.Equals(directive, StringComparison.OrdinalIgnoreCase)).Select(pair => pair.Value)];

    /// <summary>The names of all directives that the text sets, in lower case, each once.</summary>
    public static IReadOnlySet<string> Directives(string text) =>
        Lines(text).Select(line => Split(line).Name.ToLowerInvariant()).Where(name => name.Length > 0 && name[0] != '#').ToHashSet(StringComparer.Ordinal);

    /// <summary>A line that sets a directive to a value of any content.</summary>
    public static string Line(string directive, string value) => $"{directive} {Quote(value)}";

    private static string Quote(string value)
    {
        StringBuilder quoted = new("\"");
        foreach (char c in value)
        {
            quoted.Append(c switch { '"' => "\\\"", '\\' => "\\\\", '\n' => "\\n", '\r' => "\\r", _ => c.ToString() });
        }

        return quoted.Append('"').ToString();
    }

    private static bool IsUserDirective(string line) => Split(line).Name.ToLowerInvariant() is "user" or "aclfile";

    private static (string Name, string Value) Split(string line)
    {
        string trimmed = line.Trim();
        int space = trimmed.AsSpan().IndexOfAny(' ', '\t');
        return space < 0 ? (trimmed, string.Empty) : (trimmed[..space], trimmed[(space + 1)..].Trim().Trim('"'));
    }

    private static string[] Lines(string text) => text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');

    private static string Join(IEnumerable<string> lines) => string.Join('\n', lines) + "\n";
}
