using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>A user with its rules as <c>ACL LIST</c> tells them: passwords are hashes there.</summary>
/// <param name="Name">The name; <c>default</c> is what connections without a name are.</param>
/// <param name="Rules">The rules, in order.</param>
internal sealed record GarnetUser(string Name, IReadOnlyList<string> Rules)
{
    /// <summary>Whether it is one of ours.</summary>
    public bool IsOurs => GarnetAccess.OurNames.Contains(Name);

    /// <summary>The user's line, as <c>ACL LIST</c> and ACL files write it.</summary>
    public string Line => string.Join(' ', ["user", Name, .. Rules]);

    /// <summary>Reads a line <c>user NAME rule…</c>.</summary>
    /// <exception cref="FormatException">The line is none of a user.</exception>
    public static GarnetUser Parse(string line)
    {
        string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words.Length >= 2 && words[0].Equals("user", StringComparison.OrdinalIgnoreCase)
            ? new GarnetUser(words[1], words[2..])
            : throw new FormatException("A line of an ACL starts with 'user' and a name.");
    }

    /// <summary>The users of a node.</summary>
    public static async Task<IReadOnlyList<GarnetUser>> ListAsync(RespConnection connection, CancellationToken cancellationToken) =>
        [.. (await connection.ExecuteAsync(["ACL", "LIST"], cancellationToken)).Items.Select(item => Parse(item.AsString()))];

    /// <summary>This user with rules after all its own, so that they win.</summary>
    public GarnetUser With(IEnumerable<string> rules) => this with { Rules = [.. Rules, .. rules] };

    /// <summary>The command that makes the user exactly so, whatever it was before. Garnet works on a copy and puts it in place as a whole; sessions that exist see it at their next command.</summary>
    public RespCommand ToCommand() => Command(["reset", .. Rules]);

    /// <summary>The command that adds rules to the user.</summary>
    public RespCommand Command(IEnumerable<string> rules) => RespCommand.Create([.. new[] { "ACL", "SETUSER", Name }.Concat(rules).Select(word => (RespArgument)word)]);

    /// <inheritdoc/>
    public bool Equals(GarnetUser? other) => other is not null && Line == other.Line;

    /// <inheritdoc/>
    public override int GetHashCode() => Line.GetHashCode(StringComparison.Ordinal);
}
