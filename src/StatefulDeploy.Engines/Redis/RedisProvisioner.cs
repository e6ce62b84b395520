using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>Makes green nodes: a folder, a configuration with blue's settings and users, and a server that is closed from its first moment.</summary>
internal sealed class RedisProvisioner : INodeProvisioner
{
    /// <inheritdoc/>
    public async Task ProvisionAsync(EngineContext context, CancellationToken cancellationToken)
    {
        foreach (RedisPair pair in RedisPair.Of(context))
        {
            foreach (Node node in pair.Target.Nodes.OrderBy(node => node.Role))
            {
                await new RedisGreenNode(node, pair, context).BringUpAsync(cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(EngineContext context, ClusterLayout layout, CancellationToken cancellationToken)
    {
        foreach (Node node in layout.Nodes)
        {
            IHost host = context.Hosts[node.Host];
            if (await RedisGreenRecord.FindAsync(node, context.Service.Name, host, cancellationToken) is not { } record)
            {
                continue;
            }

            if (record.Process is null && await new RedisServerStart(node, RedisGreenRecord.FolderOf(node)!, string.Empty, context).RunsAsync(cancellationToken))
            {
                // Its start was interrupted before its process was noted.
                await ShutDownAsync(node, new RedisAccess(context.Service, context.Secrets), cancellationToken);
            }

            await record.DiscardAsync(RedisGreenRecord.FolderOf(node)!, host, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task RetireAsync(EngineContext context, ClusterLayout layout, CancellationToken cancellationToken)
    {
        RedisAccess access = new(context.Service, context.Secrets);
        foreach (Node node in layout.Nodes.Reverse())
        {
            await ShutDownAsync(node, access, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ListClientsAsync(EngineContext context, ClusterLayout layout, CancellationToken cancellationToken)
    {
        RedisAccess access = new(context.Service, context.Secrets);
        List<string> lines = [];
        foreach (Node node in layout.Nodes)
        {
            if (await context.Hosts[node.Host].IsPortFreeAsync(node.Endpoint.Host, node.Endpoint.Port, cancellationToken))
            {
                // It does not run, as after a retirement that was interrupted: nobody is connected to it.
                continue;
            }

            await using RespConnection admin = await access.ConnectAsync(node, RedisAccount.Admin, "clients", cancellationToken);
            lines.AddRange((await admin.ClientsAsync(cancellationToken)).Where(IsForeign).Select(client => $"{node.Name} {Describe(client)}"));
        }

        return lines;
    }

    private static async Task ShutDownAsync(Node node, RedisAccess access, CancellationToken cancellationToken)
    {
        try
        {
            await using RespConnection control = await access.ConnectControlAsync(node, "retire", cancellationToken);
            await control.SendAsync(["SHUTDOWN"], cancellationToken);
        }
        catch (Exception exception) when (exception is RespConnectionException or UpgradeException { Category: FailureCategory.Unreachable })
        {
            // It closes the connection as it ends, or had ended before.
        }
    }

    private static string Describe(IReadOnlyDictionary<string, string> client)
    {
        string name = client.GetValueOrDefault("name", string.Empty);
        return $"{client["addr"]}{(name.Length > 0 ? $" '{name}'" : string.Empty)} (user {client.GetValueOrDefault("user", "default")}, last command {client.GetValueOrDefault("cmd", "unknown")}, connected for {client.GetValueOrDefault("age")} s, idle for {client.GetValueOrDefault("idle")} s)";
    }

    /// <summary>Whether a line of CLIENT LIST is neither ours nor a replica (S), a primary (M) or a monitor (O) link.</summary>
    internal static bool IsForeign(IReadOnlyDictionary<string, string> client) =>
        client["flags"].IndexOfAny(['S', 'M', 'O']) < 0
        && client.GetValueOrDefault("user") != RedisAccess.ControlUser
        && !client.GetValueOrDefault("name", string.Empty).StartsWith(RedisAccess.NamePrefix, StringComparison.Ordinal);
}
