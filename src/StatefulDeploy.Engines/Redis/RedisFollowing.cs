using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>Makes a node follow another one by the server's own replication.</summary>
internal static class RedisFollowing
{
    private static readonly TimeSpan SyncStart = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Acknowledges = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Lets target follow source. What target holds is replaced unless it can go on from where it is, so this is refused for a target that
    /// takes client writes, or whose version cannot load source's snapshot: such a server empties itself first and fails then.
    /// </summary>
    public static async Task FollowAsync(Node source, Node target, EngineContext context, CancellationToken cancellationToken)
    {
        RedisAccess access = new(context.Service, context.Secrets);
        await using RespConnection follower = await access.ConnectControlAsync(target, "replication", cancellationToken);
        RedisInfo replication = await follower.InfoAsync("replication", cancellationToken);
        bool anew = Follows(replication, source);
        if (anew && !IsLinked(replication))
        {
            return;
        }

        await using RespConnection primary = await access.ConnectAsync(source, RedisAccount.Admin, "replication", cancellationToken);
        if (anew && await IsAcknowledgedAsync(primary, target, context.Clock, cancellationToken))
        {
            return;
        }

        await EnsureSafeAsync(source, target, primary, follower, cancellationToken);
        await LogInAsync(access, follower, context.Service, cancellationToken);
        string? delay = await primary.SettingAsync("repl-diskless-sync-delay", cancellationToken);
        await HurryAsync(primary, "0", cancellationToken);
        try
        {
            if (anew)
            {
                // To be told to follow whom it follows already changes nothing.
                await follower.ExecuteAsync(["REPLICAOF", "NO", "ONE"], cancellationToken);
            }

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

    /// <summary>
    /// Whether a linked follower never told its primary how far it is. A server whose PSYNC is refused, for instance because the other one was restarted
    /// closed and lets nobody in for a moment, asks by SYNC next: if that is let in it follows for good, and has no position (seen from 7.0 to 8.0).
    /// </summary>
    /// <param name="follower">What the follower tells.</param>
    /// <param name="source">What its primary tells.</param>
    /// <param name="target">The follower.</param>
    public static bool IsWithoutPosition(RedisInfo follower, RedisInfo source, Node target) =>
        IsLinked(follower) && Entry(source, target) is { } entry && !IsAcknowledged(entry) && int.TryParse(entry.GetValueOrDefault("lag"), out int seconds) && seconds > Acknowledges.TotalSeconds;

    // The answer to REPLCONF may have been refused as well: then the primary knows no port.
    private static IReadOnlyDictionary<string, string>? Entry(RedisInfo source, Node target) =>
        source.Replicas().FirstOrDefault(replica => replica["port"] == target.Endpoint.Port.ToString()) ?? source.Replicas().FirstOrDefault(replica => replica["port"] == "0");

    private static bool IsAcknowledged(IReadOnlyDictionary<string, string> entry) => entry["state"] != "online" || entry["offset"] != "0";

    // A follower that was linked only now acknowledges within a second.
    private static async Task<bool> IsAcknowledgedAsync(RespConnection primary, Node target, TimeProvider clock, CancellationToken cancellationToken)
    {
        long start = clock.GetTimestamp();
        while (Entry(await primary.InfoAsync("replication", cancellationToken), target) is { } entry && !IsAcknowledged(entry))
        {
            if (clock.GetElapsedTime(start) > Acknowledges)
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), clock, cancellationToken);
        }

        return true;
    }

    private static bool IsLinked(RedisInfo follower) => follower.Find("master_link_status") == "up";

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
            if (IsLinked(replication) || replication.Number("master_sync_in_progress") == 1)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), clock, cancellationToken);
        }
    }
}
