using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>Makes a node follow another one by the server's own replication.</summary>
internal static class RedisFollowing
{
    private static readonly TimeSpan SyncStart = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Lets target follow source. What target holds is replaced unless it can go on from where it is, so this is refused for a target that
    /// takes client writes, or whose version cannot load source's snapshot: such a server empties itself first and fails then.
    /// </summary>
    public static async Task FollowAsync(Node source, Node target, EngineContext context, CancellationToken cancellationToken)
    {
        RedisAccess access = new(context.Service, context.Secrets);
        await using RespConnection follower = await access.ConnectControlAsync(target, "replication", cancellationToken);
        RedisInfo replication = await follower.InfoAsync("replication", cancellationToken);
        if (Follows(replication, source))
        {
            return;
        }

        await using RespConnection primary = await access.ConnectAsync(source, RedisAccount.Admin, "replication", cancellationToken);
        await EnsureSafeAsync(source, target, primary, follower, cancellationToken);
        await LogInAsync(access, follower, context.Service, cancellationToken);
        string? delay = await primary.SettingAsync("repl-diskless-sync-delay", cancellationToken);
        await HurryAsync(primary, "0", cancellationToken);
        try
        {
            await follower.ExecuteAsync(["REPLICAOF", source.Endpoint.Host, source.Endpoint.Port], cancellationToken);
            await follower.ExecuteAsync(RedisFence.Go, cancellationToken);
            await SyncBegunAsync(follower, context.Clock, cancellationToken);
        }
        finally
        {
            await HurryAsync(primary, delay ?? "5", CancellationToken.None);
        }
    }

    /// <summary>Whether a node follows another one, linked or not.</summary>
    public static bool Follows(RedisInfo replication, Node source) =>
        replication["role"] == "slave" && replication.Find("master_host") == source.Endpoint.Host && replication.Number("master_port") == source.Endpoint.Port;

    private static async Task EnsureSafeAsync(Node source, Node target, RespConnection primary, RespConnection follower, CancellationToken cancellationToken)
    {
        RedisVersion from = RedisVersion.Of(await primary.InfoAsync("server", cancellationToken));
        RedisVersion to = RedisVersion.Of(await follower.InfoAsync("server", cancellationToken));
        if (!to.CanLoad(from))
        {
            throw new UpgradeException("SnapshotUnreadable", $"{target} runs {to} and cannot load a snapshot of {source}, which runs {from}: it would empty itself and fail.", "Choose a version that loads the other's snapshots.", FailureCategory.Refused) { Target = target.Name };
        }

        if (!await RedisFence.IsClosedAsync(follower, cancellationToken))
        {
            throw new UpgradeException("TargetNotClosed", $"{target} takes client writes, and following {source} would replace its data.", "Close the node first, or check that it is the one meant.", FailureCategory.WrongState) { Target = target.Name };
        }
    }

    private static async Task LogInAsync(RedisAccess access, RespConnection follower, ServiceDescription service, CancellationToken cancellationToken)
    {
        (string? user, string? password) = access.ReplicationLogin;
        await follower.ExecuteAsync(["CONFIG", "SET", "masteruser", user ?? string.Empty, "masterauth", password ?? string.Empty, "tls-replication", service.TlsCaFile is null ? "no" : "yes"], cancellationToken);
    }

    // A first full copy waits repl-diskless-sync-delay (5 s) for more replicas to come; nobody else is coming. An account without the right keeps the delay.
    private static async Task HurryAsync(RespConnection primary, string seconds, CancellationToken cancellationToken) =>
        await primary.SendAsync(["CONFIG", "SET", "repl-diskless-sync-delay", seconds], cancellationToken);

    private static async Task SyncBegunAsync(RespConnection follower, TimeProvider clock, CancellationToken cancellationToken)
    {
        long start = clock.GetTimestamp();
        while (clock.GetElapsedTime(start) < SyncStart)
        {
            RedisInfo replication = await follower.InfoAsync("replication", cancellationToken);
            if (replication.Find("master_link_status") == "up" || replication.Number("master_sync_in_progress") == 1)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), clock, cancellationToken);
        }
    }
}
