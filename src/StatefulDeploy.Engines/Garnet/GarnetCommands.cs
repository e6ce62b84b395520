using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>The commands of a server with their ACL categories, and what of them the fence takes away.</summary>
internal sealed class GarnetCommands
{
    private static readonly string[] Writing = ["@write", "@scripting", "@custom"];
    private static readonly string[] Lifting = ["@admin", "@dangerous"];

    /// <summary>What is in the categories of administration and yet only tells: clients go on asking it while writes are closed.</summary>
    private static readonly string[] Kept = ["INFO", "KEYS", "ROLE", "LASTSAVE", "CONFIG|GET", "CLIENT|LIST"];

    /// <summary>What changes nothing, so that a user who may use it counts as closed all the same.</summary>
    private static readonly HashSet<string> Told = new(Kept, StringComparer.OrdinalIgnoreCase)
    {
        "MONITOR", "ACL|LIST", "ACL|USERS", "ACL|GETUSER", "CLUSTER|REPLICAS", "CLUSTER|HELP", "CLUSTER|ENDPOINT", "CLUSTER|MYPARENTID",
        "LATENCY|HISTOGRAM", "LATENCY|RESET", "SLOWLOG|GET", "SLOWLOG|LEN", "SLOWLOG|RESET",
    };

    private readonly Dictionary<string, IReadOnlyList<string>> _categories = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _taken;

    private GarnetCommands(RespValue reply)
    {
        foreach (RespValue command in reply.Items)
        {
            Add(command);
        }

        _taken = [.. _categories.Keys.Where(name => IsLifting(name) || IsWriting(name))];
    }

    /// <summary>Asks a server.</summary>
    public static async Task<GarnetCommands> AskAsync(RespConnection connection, CancellationToken cancellationToken) =>
        new(await connection.ExecuteAsync(["COMMAND"], cancellationToken));

    /// <summary>
    /// The rules that close a user: it loses all writes (EVAL, custom commands and RUNTXP write inside) and whatever could lift the fence or change the
    /// node's role. Categories, because SETUSER takes half a millisecond for a command that is named, and 40 ms for all of them. What was allowed by a
    /// name that no table has is a custom command, which categories do not cover then.
    /// </summary>
    public IReadOnlyList<string> ClosingRules(GarnetUser user)
    {
        HashSet<string> allowed = Allowed(user);
        return
        [
            .. Lifting.Select(category => $"-{category}"),
            .. Kept.Where(allowed.Contains).Select(name => $"+{name.ToLowerInvariant()}"),
            .. Writing.Select(category => $"-{category}"),
            "-runtxp",
            .. CustomNames(user).Select(name => $"-{name}"),
        ];
    }

    /// <summary>Whether a user can neither write nor lift the fence.</summary>
    public bool IsClosed(GarnetUser user) => !Allowed(user).Overlaps(_taken) && CustomNames(user).Count == 0;

    /// <summary>Whether a user may write at all.</summary>
    public bool CanWrite(GarnetUser user) => Allowed(user).Any(IsWriting);

    private bool IsWriting(string name) => name == "RUNTXP" || _categories[name].Intersect(Writing, StringComparer.Ordinal).Any();

    private bool IsLifting(string name) => !IsWriting(name) && !Told.Contains(name) && _categories[name].Intersect(Lifting, StringComparer.Ordinal).Any();

    private HashSet<string> CustomNames(GarnetUser user)
    {
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        foreach (string rule in user.Rules.Where(rule => rule.Length > 1 && rule[0] is '+' or '-' && rule[1] != '@' && !Named(rule[1..]).Any()))
        {
            _ = rule[0] == '+' ? names.Add(rule[1..]) : names.Remove(rule[1..]);
        }

        return names;
    }

    private HashSet<string> Allowed(GarnetUser user)
    {
        HashSet<string> allowed = new(StringComparer.OrdinalIgnoreCase);
        foreach (string rule in user.Rules.Where(rule => rule.Length > 1 && rule[0] is '+' or '-'))
        {
            if (rule[0] == '+')
            {
                allowed.UnionWith(Named(rule[1..]));
            }
            else
            {
                allowed.ExceptWith(Named(rule[1..]));
            }
        }

        return allowed;
    }

    private IEnumerable<string> Named(string what)
    {
        if (what.Equals("@all", StringComparison.OrdinalIgnoreCase))
        {
            return _categories.Keys;
        }

        return what[0] == '@'
            ? _categories.Where(command => command.Value.Contains(what, StringComparer.OrdinalIgnoreCase)).Select(command => command.Key)
            : _categories.Keys.Where(name => IsNamed(name, what));
    }

    // COMMAND lists SLAVEOF on its own, and ACL LIST tells it as SECONDARYOF.
    private static bool IsNamed(string name, string what) =>
        name.Equals(what, StringComparison.OrdinalIgnoreCase)
        || name.StartsWith($"{what}|", StringComparison.OrdinalIgnoreCase)
        || (name == "SLAVEOF" && what.Equals("secondaryof", StringComparison.OrdinalIgnoreCase));

    // name, arity, flags, first key, last key, step, categories, tips, key specifications, subcommands
    private void Add(RespValue command)
    {
        if (command.Items.Count < 10)
        {
            return;
        }

        _categories[command.Items[0].AsString()] = [.. command.Items[6].Items.Select(category => category.AsString())];
        foreach (RespValue subcommand in command.Items[9].Items)
        {
            Add(subcommand);
        }
    }
}
