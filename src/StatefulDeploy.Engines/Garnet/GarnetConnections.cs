using System.Collections.Concurrent;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>Control connections to the nodes of one upgrade, kept open and warm between the steps.</summary>
internal sealed class GarnetConnections(GarnetAccess access, string purpose) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, RespConnection> _open = new(StringComparer.Ordinal);

    /// <summary>The connection to a node.</summary>
    /// <exception cref="UpgradeException">The node cannot be reached, or refuses our user.</exception>
    public async Task<RespConnection> ToAsync(Node node, CancellationToken cancellationToken)
    {
        string key = node.Endpoint.ToString();
        if (_open.TryGetValue(key, out RespConnection? known))
        {
            if (known.IsOpen)
            {
                return known;
            }

            _open.TryRemove(key, out _);
            await known.DisposeAsync();
        }

        RespConnection made = await access.ConnectControlAsync(node, purpose, cancellationToken);
        return _open[key] = made;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (RespConnection connection in _open.Values)
        {
            await connection.DisposeAsync();
        }

        _open.Clear();
    }
}
