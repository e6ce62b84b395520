using StatefulDeploy.Engines.Redis.Relay;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis.Comparison;

/// <summary>One of the two servers that are compared.</summary>
internal sealed class ComparisonSide : IAsyncDisposable
{
    private readonly RespConnection _connection;

    private ComparisonSide(RespConnection connection, string runId)
    {
        _connection = connection;
        RunId = runId;
    }

    /// <summary>The run of the server: a cursor is good only within it.</summary>
    public string RunId { get; }

    /// <summary>Connects, and asks that reading does not count as use of a key (Redis 7.2 and Valkey on; older servers refuse, and their LRU clocks move).</summary>
    public static async Task<ComparisonSide> OpenAsync(Node node, RedisAccess access, CancellationToken cancellationToken)
    {
        RespConnection connection = await access.ConnectAsync(node, RedisAccount.Admin, "compare", cancellationToken);
        await connection.SendAsync(["CLIENT", "NO-TOUCH", "ON"], cancellationToken);
        return new ComparisonSide(connection, (await connection.InfoAsync("server", cancellationToken))["run_id"]);
    }

    /// <summary>Sends commands in one go; errors are values.</summary>
    public Task<IReadOnlyList<RespValue>> AskAsync(IReadOnlyList<RespCommand> commands, CancellationToken cancellationToken) => _connection.PipelineAsync(commands, cancellationToken);

    /// <summary>Sends one command.</summary>
    public Task<RespValue> AskAsync(RespCommand command, CancellationToken cancellationToken) => _connection.ExecuteAsync(command, cancellationToken);

    /// <summary>The databases that hold keys, and how many.</summary>
    public async Task<IReadOnlyDictionary<int, long>> DatabasesAsync(CancellationToken cancellationToken)
    {
        string text = (await _connection.ExecuteAsync(["INFO", "keyspace"], cancellationToken)).AsString();
        return text.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("db", StringComparison.Ordinal) && line.Contains(":keys=", StringComparison.Ordinal))
            .ToDictionary(line => int.Parse(line[2..line.IndexOf(':', StringComparison.Ordinal)]), line => long.Parse(line.Split('=', ',')[1]));
    }

    /// <summary>The offset in the source's stream: written by a primary, applied by a follower (native or relayed).</summary>
    public async Task<(long Offset, bool Follows)> OffsetAsync(CancellationToken cancellationToken)
    {
        RedisInfo replication = await _connection.InfoAsync("replication", cancellationToken);
        return replication["role"] == "slave"
            ? (replication.Number("slave_repl_offset"), replication.Find("master_link_status") == "up")
            : (replication.Number("master_repl_offset"), false);
    }

    /// <summary>How far the relay has come, where it feeds this server; asked in database 0.</summary>
    public async Task<long?> RelayedAsync(int database, CancellationToken cancellationToken)
    {
        IReadOnlyList<RespValue> replies = await _connection.PipelineAsync([["SELECT", "0"], ["HGETALL", RelayPoint.Key], ["SELECT", database]], cancellationToken);
        return RelayPoint.Parse(replies[1].ThrowIfError())?.Offset;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
