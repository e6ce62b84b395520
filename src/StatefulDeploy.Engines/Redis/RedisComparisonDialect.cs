using StatefulDeploy.Engines.Redis.Relay;
using StatefulDeploy.Engines.RespFamily.Comparison;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>How a comparison asks Redis and Valkey.</summary>
internal sealed class RedisComparisonDialect : IComparisonDialect
{
    /// <summary>Connects, and asks that reading does not count as use of a key (Redis 7.2 and Valkey on; older servers refuse, and their LRU clocks move).</summary>
    public static async Task<ComparisonSide> OpenAsync(Node node, RedisAccess access, CancellationToken cancellationToken)
    {
        RespConnection connection = await access.ConnectAsync(node, RedisAccount.Admin, "compare", cancellationToken);
        await connection.SendAsync(["CLIENT", "NO-TOUCH", "ON"], cancellationToken);
        return new ComparisonSide(connection, new RedisComparisonDialect(), (await connection.InfoAsync("server", cancellationToken))["run_id"]);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<int, long>> DatabasesAsync(RespConnection connection, CancellationToken cancellationToken)
    {
        string text = (await connection.ExecuteAsync(["INFO", "keyspace"], cancellationToken)).AsString();
        return text.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("db", StringComparison.Ordinal) && line.Contains(":keys=", StringComparison.Ordinal))
            .ToDictionary(line => int.Parse(line[2..line.IndexOf(':', StringComparison.Ordinal)]), line => long.Parse(line.Split('=', ',')[1]));
    }

    /// <inheritdoc/>
    public async Task<(long Offset, bool Follows)> OffsetAsync(RespConnection connection, CancellationToken cancellationToken)
    {
        RedisInfo replication = await connection.InfoAsync("replication", cancellationToken);
        return replication["role"] == "slave"
            ? (replication.Number("slave_repl_offset"), replication.Find("master_link_status") == "up")
            : (replication.Number("master_repl_offset"), false);
    }

    /// <summary>Asked in database 0.</summary>
    public async Task<long?> RelayedAsync(RespConnection connection, int database, CancellationToken cancellationToken)
    {
        IReadOnlyList<RespValue> replies = await connection.PipelineAsync([["SELECT", "0"], ["HGETALL", RelayPoint.Key], ["SELECT", database]], cancellationToken);
        return RelayPoint.Parse(replies[1].ThrowIfError())?.Offset;
    }

    /// <inheritdoc/>
    public async Task<byte[]?> PrintAsync(RespConnection connection, RespArgument key, CancellationToken cancellationToken)
    {
        RespValue dump = await connection.ExecuteAsync(["DUMP", key], cancellationToken);
        return dump.IsNull ? null : dump.Bytes.ToArray();
    }
}
