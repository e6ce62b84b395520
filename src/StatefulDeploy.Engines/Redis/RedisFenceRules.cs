using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>
/// What the fence takes from every user of a server: all writes, and everything that could lift the fence, change roles or stop our own
/// connections. Reads, PING, PUBLISH (no data), and what replicas need (PSYNC, REPLCONF) stay.
/// </summary>
internal static class RedisFenceRules
{
    // The cluster commands are denied although only standalone servers are supported: they cost nothing and one of them empties a server.
    private static readonly string[] Lifting =
    [
        "acl|setuser", "acl|deluser", "acl|load", "acl|save", "config|set", "config|rewrite", "config|resetstat", "replicaof", "slaveof", "failover",
        "module|load", "module|loadex", "module|unload", "debug", "shutdown", "client|pause", "client|kill",
        "cluster|reset", "cluster|failover", "cluster|replicate", "cluster|meet", "cluster|addslots", "cluster|delslots", "cluster|setslot",
    ];

    /// <summary>The denials for a server, from its own <c>COMMAND</c> table.</summary>
    /// <remarks>
    /// <c>-@write</c> alone does not do: Redis 8.0's VADD, VREM and VSETATTR carry the flag <c>write</c> but are not in the category
    /// (seen on 8.0.2), and module commands can be like that too. So every command with the flag is denied by name where the category misses it.
    /// </remarks>
    public static async Task<IReadOnlyList<string>> LoadAsync(RespConnection connection, CancellationToken cancellationToken)
    {
        RespValue table = await connection.ExecuteAsync(["COMMAND"], cancellationToken);
        return Of([.. RedisCommandInfo.ParseAll(table)]);
    }

    internal static IReadOnlyList<string> Of(IReadOnlyList<RedisCommandInfo> commands)
    {
        HashSet<string> known = [.. commands.Select(command => command.Name)];
        IEnumerable<string> missed = commands.Where(command => command.Writes && !command.InWriteCategory).Select(command => command.Name);
        return ["-@write", .. Lifting.Where(known.Contains).Concat(missed).Select(name => $"-{name}")];
    }
}
