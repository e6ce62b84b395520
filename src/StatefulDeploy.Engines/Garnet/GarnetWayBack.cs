using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>
/// Whether the cluster that was left can follow the one that serves. It is filled anew, and nothing compares it, so that it is offered only where the
/// copy is exact: made of the log alone (see <see cref="GarnetLog"/>), in a process that starts empty (see <see cref="GarnetProvisioner.RenewAsync"/>).
/// </summary>
internal static class GarnetWayBack
{
    /// <summary>Looks the pair up and asks source.</summary>
    public static async Task<WayBack> FindAsync(EngineContext context, CancellationToken cancellationToken)
    {
        GarnetVersion source = GarnetVersion.Parse(context.Source.Version);
        GarnetVersion target = GarnetVersion.Parse(context.Target.Version);
        if (!IsTried(source) || !IsTried(target))
        {
            return None($"That Garnet {source} can follow Garnet {target} is not proved; it is for versions {GarnetVersion.Oldest} to {GarnetVersion.Newest}.");
        }

        return await FindForeignAsync(context, cancellationToken) is { } foreign
            ? None($"Garnet follows rightly only from an empty start, and {foreign} was not started by us, so it cannot be started anew.")
            : await FindInexactAsync(context, cancellationToken) is { } reason
                ? None(reason)
                : new WayBack(WayBackKind.Native, $"Garnet {source} is started again empty after the switch (what it has served is put aside) and follows Garnet {target} from the first write of its log. Proved for versions {GarnetVersion.Oldest} to {GarnetVersion.Newest} in both directions. A checkpoint or a restart of the new primary before that, or a command that only the newer version knows, would end it.");
    }

    private static WayBack None(string why) => new(WayBackKind.None, why);

    private static async Task<Node?> FindForeignAsync(EngineContext context, CancellationToken cancellationToken)
    {
        foreach (Node node in context.Source.Nodes)
        {
            if (node.DataDirectory is null || await GarnetProcess.ReadAsync(node.DataDirectory, context.Hosts[node.Host], cancellationToken) is null)
            {
                return node;
            }
        }

        return null;
    }

    // What target gets from source it can give back only if it has got all of it in its log.
    private static async Task<string?> FindInexactAsync(EngineContext context, CancellationToken cancellationToken)
    {
        try
        {
            Node node = GarnetShard.Of(context.Source).Primary;
            await using RespConnection connection = await new GarnetAccess(context.Service, context.Secrets).ConnectAsync(node, GarnetAccount.Admin, "preflight", cancellationToken);
            if (!await GarnetLog.IsCompleteAsync(connection, cancellationToken))
            {
                return $"A checkpoint has shortened the log of {node}, and a copy that begins with a checkpoint of Garnet may repeat single writes.";
            }

            return GarnetUnreplicated.AreUnused(context.Service, context.Source.Version, await connection.InfoAsync("commandstats", cancellationToken))
                ? null
                : $"The log of {node} holds commands that Garnet does not carry rightly ({string.Join(", ", GarnetUnreplicated.Of(context.Source.Version)).ToUpperInvariant()}), or it does not count them.";
        }
        catch (Exception exception) when (exception is UpgradeException or RespConnectionException or RespServerException or TimeoutException)
        {
            // Preflight tells why it cannot be asked. After the switch it may be down, and what it can do is then seen when it is filled.
            return null;
        }
    }

    private static bool IsTried(GarnetVersion version) => !version.IsOlderThan(GarnetVersion.Oldest) && !GarnetVersion.Newest.IsOlderThan(version);
}
