using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.RespFamily.Comparison;

/// <summary>One of the two servers that are compared.</summary>
/// <param name="connection">A connection of its own.</param>
/// <param name="dialect">What differs between the engines.</param>
/// <param name="runId">The run of the server: a cursor is good only within it.</param>
internal sealed class ComparisonSide(RespConnection connection, IComparisonDialect dialect, string runId) : IAsyncDisposable
{
    /// <summary>The run of the server.</summary>
    public string RunId => runId;

    /// <summary>Sends commands in one go; errors are values.</summary>
    public Task<IReadOnlyList<RespValue>> AskAsync(IReadOnlyList<RespCommand> commands, CancellationToken cancellationToken) => connection.PipelineAsync(commands, cancellationToken);

    /// <summary>Sends one command.</summary>
    public Task<RespValue> AskAsync(RespCommand command, CancellationToken cancellationToken) => connection.ExecuteAsync(command, cancellationToken);

    /// <summary>The databases that hold keys, and how many.</summary>
    public Task<IReadOnlyDictionary<int, long>> DatabasesAsync(CancellationToken cancellationToken) => dialect.DatabasesAsync(connection, cancellationToken);

    /// <summary>The offset in the source's stream: written by a primary, applied by a follower.</summary>
    public Task<(long Offset, bool Follows)> OffsetAsync(CancellationToken cancellationToken) => dialect.OffsetAsync(connection, cancellationToken);

    /// <summary>How far a relay of ours has come, where one feeds this server.</summary>
    public Task<long?> RelayedAsync(int database, CancellationToken cancellationToken) => dialect.RelayedAsync(connection, database, cancellationToken);

    /// <summary>Something that changes when the value of a key does; null when there is no such key.</summary>
    public Task<byte[]?> PrintAsync(RespArgument key, CancellationToken cancellationToken) => dialect.PrintAsync(connection, key, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
