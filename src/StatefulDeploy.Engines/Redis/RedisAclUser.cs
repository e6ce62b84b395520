using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>A user with its rules as <c>ACL LIST</c> tells them: passwords are hashes there.</summary>
/// <param name="Name">The name; <c>default</c> is what connections without a name are.</param>
/// <param name="Rules">The rules of the user itself, in order.</param>
/// <param name="Selectors">Further sets of rules, each without its parentheses; a command is allowed when any set allows it.</param>
internal sealed record RedisAclUser(string Name, IReadOnlyList<string> Rules, IReadOnlyList<string> Selectors)
{
    /// <summary>The name of what connections without a name are.</summary>
    public const string DefaultName = "default";

    private const string ShutMark = "~{statefuldeploy}:closed";

    /// <summary>
    /// The default user with which a closed server starts: nobody can be it, and it lacks no right. A server that loads its log runs the
    /// transactions in it as this user, and EXEC asks the ACL: with a right missing it would leave them out, all of them, in silence
    /// (seen on Redis 7.0.15 and 8.0.2 and Valkey 8.1.1). The selector gives nothing; we know the user by it.
    /// </summary>
    public static RedisAclUser Shut { get; } = new(DefaultName, ["off", "~*", "&*", "+@all"], [$"{ShutMark} -@all"]);

    /// <summary>Whether this is <see cref="Shut"/>: no connection is this user since the server was started.</summary>
    public bool IsShut => Name == DefaultName && Rules.Contains("off") && Selectors.Any(selector => selector.StartsWith(ShutMark, StringComparison.Ordinal));

    /// <summary>The user's line, as <c>ACL LIST</c> and configuration files write it.</summary>
    public string Line => string.Join(' ', ["user", Name, .. Rules, .. Selectors.Select(selector => $"({selector})")]);

    /// <summary>Reads the answer to <c>ACL LIST</c>.</summary>
    public static IReadOnlyList<RedisAclUser> ParseAll(RespValue reply) => [.. reply.Items.Select(item => Parse(item.AsString()))];

    /// <summary>Reads a line <c>user NAME rule… (selector)…</c>. Words are put together to selectors as the server does it: from one that starts with a parenthesis to one that ends with one.</summary>
    /// <exception cref="FormatException">The line is none of a user.</exception>
    public static RedisAclUser Parse(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2 || words[0] != "user")
        {
            throw new FormatException("A line of ACL LIST starts with 'user' and a name.");
        }

        List<string> rules = [];
        List<string> selectors = [];
        List<string>? open = null;
        foreach (string word in words.Skip(2))
        {
            if (open is null && word[0] != '(')
            {
                rules.Add(word);
                continue;
            }

            (open ??= []).Add(word);
            if (word[^1] == ')')
            {
                selectors.Add(string.Join(' ', open)[1..^1]);
                open = null;
            }
        }

        return new RedisAclUser(words[1], rules, selectors);
    }

    /// <summary>This user with denials after all its rules, so that they win whatever stands before, and in every selector too.</summary>
    public RedisAclUser Without(IReadOnlyList<string> denials)
    {
        string joined = string.Join(' ', denials);
        return this with { Rules = [.. Rules, .. denials], Selectors = [.. Selectors.Select(selector => $"{selector} {joined}")] };
    }

    /// <summary>The command that makes the user exactly so, whatever it was before, in one atomic step.</summary>
    public RespCommand ToCommand() =>
        RespCommand.Create([.. new[] { "ACL", "SETUSER", Name, "reset" }.Concat(Rules).Concat(Selectors.Select(selector => $"({selector})")).Select(word => (RespArgument)word)]);
}
