using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>Copies of a cluster's primaries from a snapshot: same version, users and settings, open for writes, following nobody.</summary>
internal sealed class RedisCopies : IDisposableCopy
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <inheritdoc/>
    public async Task<ClusterLayout> MakeAsync(EngineContext context, ClusterLayout of, string name, CancellationToken cancellationToken)
    {
        List<Shard> shards = [];
        foreach (Shard shard in of.Shards)
        {
            Node copy = await PlanAsync(shard.Primary, name, context, cancellationToken);
            await RemoveAsync(copy, context, cancellationToken);
            await BringUpAsync(shard.Primary, copy, context, cancellationToken);
            shards.Add(new Shard(shard.Name, [copy]));
        }

        return of with { Shards = shards };
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(EngineContext context, ClusterLayout of, string name, CancellationToken cancellationToken)
    {
        foreach (Shard shard in of.Shards)
        {
            await RemoveAsync(await PlanAsync(shard.Primary, name, context, cancellationToken), context, cancellationToken);
        }
    }

    private static async Task<Node> PlanAsync(Node of, string name, EngineContext context, CancellationToken cancellationToken)
    {
        string copy = $"{of.Name}-{name}";
        string root = context.Service.Green.DataRoot ?? Path.GetDirectoryName((RedisGreenRecord.FolderOf(of) ?? context.Service.StateDirectory).TrimEnd('/'))!;
        string folder = Path.Combine(root, $"{context.Service.Name}-{copy}");
        int port = await context.Hosts[of.Host].FindFreePortAsync(of.Endpoint.Host, cancellationToken);
        return of with { Name = copy, Role = NodeRole.Primary, Volume = null, WorkDirectory = null, DataDirectory = folder, ConfigFile = Path.Combine(folder, "redis.conf"), Endpoint = of.Endpoint with { Port = port } };
    }

    private static async Task RemoveAsync(Node copy, EngineContext context, CancellationToken cancellationToken)
    {
        IHost host = context.Hosts[copy.Host];
        if (await RedisGreenRecord.FindAsync(copy, context.Service.Name, host, cancellationToken) is not { } record)
        {
            return;
        }

        await record.DiscardAsync(copy.DataDirectory!, host, cancellationToken);
    }

    private static async Task BringUpAsync(Node of, Node copy, EngineContext context, CancellationToken cancellationToken)
    {
        IHost host = context.Hosts[copy.Host];
        RedisAccess access = new(context.Service, context.Secrets);
        await using RespConnection original = await access.ConnectAsync(of, RedisAccount.Admin, "copy", cancellationToken);
        await host.CreateFolderAsync(copy.DataDirectory!, Private | UnixFileMode.UserExecute, cancellationToken);
        await new RedisGreenRecord(context.Service.Name, copy.Name, null).SaveAsync(copy.DataDirectory!, host, cancellationToken);
        await host.CopyFileAsync(await RedisSnapshotter.SaveAsync(of, context, cancellationToken), Path.Combine(copy.DataDirectory!, "dump.rdb"), cancellationToken);

        // A log would be loaded instead of the snapshot: it is switched on when the data is there.
        IEnumerable<string> users = [.. (await UsersAsync(of, original, host, cancellationToken)).Append(access.Control).Select(user => user.Line)];
        string text = RedisGreenConfig.Text(
            copy, copy.DataDirectory!, context.Service.TlsCaFile is not null, RedisGreenConfig.BacklogBytes(0), await original.SettingAsync("bind", cancellationToken) ?? "127.0.0.1",
            await RedisCarriedSettings.LinesAsync(original, context.Service.Green, cancellationToken), ["appendonly no", .. users]);
        await host.WriteFileAsync(copy.ConfigFile!, text, Private, cancellationToken);
        string program = (await original.InfoAsync("server", cancellationToken))["executable"];
        await new RedisServerStart(copy, copy.DataDirectory!, copy.ConfigFile!, context).RunAsync(program, [], cancellationToken);
        await using RespConnection made = await access.ConnectAsync(copy, RedisAccount.Control, "copy", cancellationToken);
        await made.ExecuteAsync(["CONFIG", "SET", "appendonly", await original.SettingAsync("appendonly", cancellationToken) ?? "no"], cancellationToken);
        while (!RedisReplicator.IsKept(await made.InfoAsync("persistence", cancellationToken)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), context.Clock, cancellationToken);
        }
    }

    // The copy of a closed node is open: it gets the users as they were.
    private static async Task<IReadOnlyList<RedisAclUser>> UsersAsync(Node of, RespConnection original, IHost host, CancellationToken cancellationToken)
    {
        string text = await host.ReadFileAsync(await RedisConfigFile.PathAsync(of, original, cancellationToken), cancellationToken) ?? string.Empty;
        return RedisConfigText.IsClosed(text) && await RedisFence.IsClosedAsync(original, cancellationToken)
            ? RedisConfigText.Originals(text)
            : [.. (await original.UsersAsync(cancellationToken)).Where(user => user.Name != RedisAccess.ControlUser)];
    }
}
