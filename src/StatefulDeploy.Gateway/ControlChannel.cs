using System.Collections.Concurrent;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Gateway;

/// <summary>The gateway's own connection to a server, one at a time: it ends commands that wait, and loads scripts.</summary>
internal sealed class ControlChannel(GatewayOptions options) : IAsyncDisposable
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    // Nobody else's, so that what we push is popped by us.
    private readonly string _deliveryKey = $"statefuldeploy:delivered:{Guid.NewGuid():N}";
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<NodeEndpoint, RespConnection> _connections = [];
    private readonly ConcurrentDictionary<NodeEndpoint, bool> _isGarnet = new();

    /// <summary>Whether a server hands what is pushed to who waits for it after it has answered the push, as Garnet does; false as long as it was not reached.</summary>
    public bool DeliversLate(NodeEndpoint endpoint) => _isGarnet.GetValueOrDefault(endpoint);

    /// <summary>Ends commands that wait on the server as if their time were over.</summary>
    /// <param name="endpoint">The server.</param>
    /// <param name="clientIds">The connections that wait.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The server's answers, in the order of the connections: 1 where a command was ended, 0 where none waited, or an error.</returns>
    /// <exception cref="RespConnectionException">The server cannot be reached.</exception>
    /// <exception cref="RespServerException">The server refuses the credentials.</exception>
    /// <exception cref="IOException">The file with the password cannot be read.</exception>
    public async Task<IReadOnlyList<RespValue>> UnblockAsync(NodeEndpoint endpoint, IReadOnlyList<long> clientIds, CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync(endpoint, cancellationToken);
        return await connection.PipelineAsync([.. clientIds.Select<long, RespCommand>(id => ["CLIENT", "UNBLOCK", id, "TIMEOUT"])], cancellationToken);
    }

    /// <summary>
    /// Waits until a server that <see cref="DeliversLate"/> has handed over all that it had answered before: one thread does that in the order of the
    /// pushes, so when an element of our own has come through, so have those before it. Where our account may not push, it returns at once.
    /// </summary>
    /// <exception cref="RespConnectionException">The server cannot be reached.</exception>
    /// <exception cref="IOException">The connection broke, or the file with the password cannot be read.</exception>
    public async Task AwaitDeliveryAsync(NodeEndpoint endpoint, CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync(endpoint, cancellationToken);
        if (!(await connection.SendAsync(["RPUSH", _deliveryKey, "1"], cancellationToken)).IsError)
            await connection.SendAsync(["BLPOP", _deliveryKey, "1"], cancellationToken);
    }

    /// <summary>Puts scripts into the server's script cache.</summary>
    /// <returns>How many the server refused.</returns>
    public async Task<int> LoadScriptsAsync(NodeEndpoint endpoint, IReadOnlyCollection<byte[]> scripts, CancellationToken cancellationToken)
    {
        if (scripts.Count == 0)
            return 0;

        var connection = await ConnectionAsync(endpoint, cancellationToken);
        var replies = await connection.PipelineAsync([.. scripts.Select<byte[], RespCommand>(script => ["SCRIPT", "LOAD", script])], cancellationToken);
        return replies.Count(reply => reply.IsError);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections.Values)
            await connection.DisposeAsync();

        _turn.Dispose();
    }

    private async Task<RespConnection> ConnectionAsync(NodeEndpoint endpoint, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_connections.TryGetValue(endpoint, out var known) && known.IsOpen)
                return known;

            if (_connections.Remove(endpoint, out var broken))
                await broken.DisposeAsync();

            var made = _connections[endpoint] = await RespConnection.ConnectAsync(Options(endpoint), cancellationToken);
            var server = await made.SendAsync(["INFO", "server"], cancellationToken);
            _isGarnet[endpoint] = !server.IsError && server.AsString().Contains("garnet_version:", StringComparison.Ordinal);
            return made;
        }
        finally
        {
            _turn.Release();
        }
    }

    private RespConnectionOptions Options(NodeEndpoint endpoint) => new()
    {
        Host = endpoint.Host,
        Port = endpoint.Port,
        UserName = options.Control?.User,
        Password = ReadPassword(),
        Tls = options.TargetTls,
        ClientName = "statefuldeploy-gateway",
        ConnectTimeout = options.Limits.ConnectTimeout,
        CommandTimeout = AnswerWithin,
        TimeProvider = options.Clock,
    };

    // Read each time: it may have been changed on the server and in the file.
    private string? ReadPassword() => options.Control switch
    {
        { PasswordFile: { } file } => File.ReadLines(file).FirstOrDefault(),
        { PasswordEnvironmentVariable: { } name } => Environment.GetEnvironmentVariable(name),
        _ => null,
    };
}
