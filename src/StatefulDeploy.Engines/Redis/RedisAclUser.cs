using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>A user with its rules as <c>ACL LIST</c> tells them: passwords are hashes there.</summary>
/// <param name="Name">The name; <c>default</c> is what connections without a name are.</param>
/// <param name="Rules">The rules of the user itself, in order.</param>
/// <param name="Selectors">Further sets of rules, each without its parentheses; a command is allowed when any set allows it.</param>
internal sealed record RedisAclUser(string Name, IReadOnlyList<string> Rules, IReadOnlyList<string> Selectors)
{
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
