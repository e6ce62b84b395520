using System.Collections.Concurrent;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>Connections as the control user that stay open from before the window to its end.</summary>
internal sealed class RedisWindowLinks
{
    private readonly ConcurrentDictionary<string, RespConnection> _links = new(StringComparer.Ordinal);

    /// <summary>The connection to a node, made now if there is none that works.</summary>
    public async Task<RespConnection> GetAsync(Node node, EngineContext context, CancellationToken cancellationToken)
    {
        string key = node.Endpoint.ToString();
        if (_links.TryGetValue(key, out RespConnection? link) && link.IsOpen)
        {
            return link;
        }

        RespConnection made = await new RedisAccess(context.Service, context.Secrets).ConnectControlAsync(node, "switch", cancellationToken);
        if (link is not null)
        {
            await link.DisposeAsync();
        }

        return _links[key] = made;
    }

    /// <summary>Whether the connection to a node that was opened before the window still stands: then that server has not been restarted.</summary>
    public bool Stands(Node node) => _links.TryGetValue(node.Endpoint.ToString(), out RespConnection? link) && link.IsOpen;

    /// <summary>Closes all connections; called when the window's acts are done.</summary>
    public async Task CloseAsync()
    {
        foreach (string key in _links.Keys)
        {
            if (_links.TryRemove(key, out RespConnection? link))
            {
                await link.DisposeAsync();
            }
        }
    }
}
