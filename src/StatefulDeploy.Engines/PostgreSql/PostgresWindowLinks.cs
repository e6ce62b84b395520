using System.Collections.Concurrent;
using System.Data;
using Npgsql;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Engines.PostgreSql;

/// <summary>Connections of our role, one a node and database, that stay open from before the window to its end.</summary>
internal sealed class PostgresWindowLinks
{
    private readonly ConcurrentDictionary<string, NpgsqlConnection> _links = new(StringComparer.Ordinal);

    /// <summary>The connection to a database, made now if there is none that works.</summary>
    public async Task<NpgsqlConnection> GetAsync(Node node, string database, EngineContext context, CancellationToken cancellationToken)
    {
        string key = $"{node.Endpoint}/{database}";
        if (_links.TryGetValue(key, out NpgsqlConnection? link))
        {
            if (link.FullState == ConnectionState.Open)
            {
                return link;
            }

            await link.DisposeAsync();
        }

        return _links[key] = await new PostgresAccess(context.Service, context.Secrets).ConnectAsync(node, PostgresAccount.Control, "switch", cancellationToken, database);
    }

    /// <summary>Makes sure before a window that every connection really stands.</summary>
    public async Task<NpgsqlConnection> RefreshAsync(Node node, string database, EngineContext context, CancellationToken cancellationToken)
    {
        NpgsqlConnection link = await GetAsync(node, database, context, cancellationToken);
        try
        {
            await link.RunAsync("SELECT 1", cancellationToken);
            return link;
        }
        catch (UpgradeException exception) when (exception.Category == FailureCategory.Unreachable)
        {
            return await GetAsync(node, database, context, cancellationToken);
        }
    }

    /// <summary>Closes all connections.</summary>
    public async Task CloseAsync()
    {
        foreach (string key in _links.Keys)
        {
            if (_links.TryRemove(key, out NpgsqlConnection? link))
            {
                await link.DisposeAsync();
            }
        }
    }
}
