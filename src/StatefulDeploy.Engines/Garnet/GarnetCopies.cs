using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>
/// A copy of a cluster's primary, from its files as a crash would leave them: same version, users and settings, open for writes. It is a cluster of its
/// own, which owns all slots and knows nobody, so it neither follows nor is heard of.
/// </summary>
internal sealed class GarnetCopies : IDisposableCopy
{
    /// <inheritdoc/>
    public async Task<ClusterLayout> MakeAsync(EngineContext context, ClusterLayout of, string name, CancellationToken cancellationToken)
    {
        Shard shard = GarnetShard.Of(of);
        Node origin = shard.Primary;
        IHost host = context.Hosts[origin.Host];
        Node copy = Plan(context, origin, name, await host.FindFreePortAsync(origin.Endpoint.Host, cancellationToken));
        ClusterLayout made = of with { Shards = [new Shard(shard.Name, [copy])] };
        await RemoveAsync(context, of, name, cancellationToken);
        await GarnetProvisioner.BringUpAsync(
            context, copy, await UsersAsync(context, origin, host, cancellationToken), () => FillAsync(context, origin, copy, host, cancellationToken), cancellationToken);
        return made;
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(EngineContext context, ClusterLayout of, string name, CancellationToken cancellationToken)
    {
        Node origin = GarnetShard.Of(of).Primary;
        await GarnetProvisioner.RemoveAsync(context, Plan(context, origin, name, origin.Endpoint.Port), cancellationToken);
    }

    private static Node Plan(EngineContext context, Node origin, string name, int port)
    {
        string data = origin.DataDirectory ?? throw GarnetSnapshotter.DataDirectoryMissing(origin);
        string copy = $"{origin.Name}-{name}";
        string root = context.Service.Green.DataRoot ?? Path.GetDirectoryName(data.TrimEnd('/'))!;
        return origin with
        {
            Name = copy,
            Role = NodeRole.Primary,
            Volume = null,
            WorkDirectory = null,
            DataDirectory = Path.Combine(root, $"{context.Service.Name}-{copy}"),
            Endpoint = origin.Endpoint with { Port = port },
            Settings = origin.Settings.Where(setting => setting.Key != GarnetAclFile.Setting).ToDictionary(StringComparer.Ordinal),
        };
    }

    // The copy of a closed node is open: it gets the users as they are to be.
    private static async Task<string> UsersAsync(EngineContext context, Node origin, IHost host, CancellationToken cancellationToken)
    {
        GarnetAccess access = new(context.Service, context.Secrets);
        await using RespConnection connection = await access.ConnectControlAsync(origin, "copy", cancellationToken);
        IReadOnlyList<GarnetUser> users = (await GarnetAclFile.ReadAsync(origin, host, cancellationToken)).Originals
            ?? [.. (await GarnetUser.ListAsync(connection, cancellationToken)).Where(user => !user.IsOurs)];
        return string.Concat(users.Append(access.Control).Append(access.Link(origin.Colour)).Select(user => user.Line + "\n"));
    }

    private static async Task FillAsync(EngineContext context, Node origin, Node copy, IHost host, CancellationToken cancellationToken)
    {
        // What was acknowledged by now is in the files then.
        await using RespConnection connection = await new GarnetAccess(context.Service, context.Secrets).ConnectControlAsync(origin, "copy", cancellationToken);
        await connection.ExecuteAsync(["COMMITAOF"], cancellationToken);
        await GarnetSnapshotter.CopyDataAsync(host, origin.DataDirectory!, copy.DataDirectory!, cancellationToken);
    }
}
