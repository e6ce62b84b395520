using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>The questions that are asked of a server again and again.</summary>
internal static class RedisQueries
{
    public static async Task<RedisInfo> InfoAsync(this RespConnection connection, string section, CancellationToken cancellationToken) =>
        RedisInfo.Parse((await connection.ExecuteAsync(["INFO", section], cancellationToken)).AsString());

    /// <summary>The settings that match a pattern, as <c>CONFIG GET</c> tells them.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> SettingsAsync(this RespConnection connection, string pattern, CancellationToken cancellationToken)
    {
        RespValue reply = await connection.ExecuteAsync(["CONFIG", "GET", pattern], cancellationToken);
        return reply.AsMap().ToDictionary(pair => pair.Key, pair => pair.Value.AsStringOrNull() ?? string.Empty, StringComparer.Ordinal);
    }

    /// <summary>One setting; null when this version has none of that name.</summary>
    public static async Task<string?> SettingAsync(this RespConnection connection, string name, CancellationToken cancellationToken) =>
        (await connection.SettingsAsync(name, cancellationToken)).GetValueOrDefault(name);

    public static async Task<IReadOnlyList<RedisAclUser>> UsersAsync(this RespConnection connection, CancellationToken cancellationToken) =>
        RedisAclUser.ParseAll(await connection.ExecuteAsync(["ACL", "LIST"], cancellationToken));

    /// <summary>The lines of <c>CLIENT LIST</c> as fields.</summary>
    public static async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> ClientsAsync(this RespConnection connection, CancellationToken cancellationToken)
    {
        string text = (await connection.ExecuteAsync(["CLIENT", "LIST"], cancellationToken)).AsString();
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ParseClient)];
    }

    /// <summary>Sends commands as one transaction; throws for the first that fails, queued or executed.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="before">What is sent in the same breath before it; whether that fails does not matter.</param>
    /// <param name="commands">The transaction.</param>
    /// <param name="cancellationToken">Gives up; whether it was done is then unknown.</param>
    public static async Task<IReadOnlyList<RespValue>> TransactAsync(this RespConnection connection, IReadOnlyList<RespCommand> before, IReadOnlyList<RespCommand> commands, CancellationToken cancellationToken)
    {
        IReadOnlyList<RespValue> replies = await connection.PipelineAsync([.. before, ["MULTI"], .. commands, ["EXEC"]], cancellationToken);
        foreach (RespValue queued in replies.Skip(before.Count))
        {
            queued.ThrowIfError();
        }

        foreach (RespValue done in replies[^1].Items)
        {
            done.ThrowIfError();
        }

        return replies[^1].Items;
    }

    private static Dictionary<string, string> ParseClient(string line) =>
        line.Split(' ').Select(part => part.Split('=', 2)).Where(part => part.Length == 2)
            .GroupBy(part => part[0], StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First()[1], StringComparer.Ordinal);
}
