using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.Redis.Relay;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>The way back: blue follows green after the switch, natively where blue loads green's snapshots, else through our relay.</summary>
internal sealed class RedisReverse(string engine)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Lets every blue primary follow its green one from the captured point.</summary>
    public async Task StartAsync(EngineContext context, ClusterPosition? from, CancellationToken cancellationToken)
    {
        if (await NeedsRelayAsync(context, cancellationToken))
        {
            await StartRelayAsync(context, from, cancellationToken);
            return;
        }

        foreach (RedisPair pair in RedisPair.Of(context))
        {
            await RedisFollowing.FollowAsync(pair.Source.Primary, pair.Target.Primary, context, cancellationToken);
        }
    }

    /// <summary>Before the switch: green must let a relay go on from where it is, as it will have to.</summary>
    public static async Task RehearseAsync(EngineContext context, CancellationToken cancellationToken)
    {
        RedisAccess access = new(context.Service, context.Secrets);
        foreach (RedisPair pair in RedisPair.Of(context))
        {
            Node green = context.IsReverse ? pair.Source.Primary : pair.Target.Primary;
            await using RespConnection connection = await access.ConnectControlAsync(green, "rehearsal", cancellationToken);
            RedisInfo replication = await connection.InfoAsync("replication", cancellationToken);
            await connection.ExecuteAsync(["REPLCONF", "capa", "psync2"], cancellationToken);
            (RespValue reply, RespCommandStream stream) = await connection.DetachAsync(["PSYNC", replication["master_replid"], replication.Number("master_repl_offset") + 1], cancellationToken);
            await stream.DisposeAsync();
            if (!reply.AsString().StartsWith("CONTINUE", StringComparison.Ordinal))
            {
                throw new UpgradeException("WayBackUnproved", $"{green} does not let a follower go on from where it is.", "Read green's log; its backlog must be active.") { Target = green.Name };
            }
        }
    }

    /// <summary>The status of a relayed shard; null when the servers replicate natively.</summary>
    public static async Task<ReplicationStatus?> FindRelayStatusAsync(ReplicationStatus status, RedisPair pair, EngineContext context, RedisInfo written, RespConnection follower, CancellationToken cancellationToken)
    {
        RelayState? state = await RelayState.FindAsync(FolderOf(context), pair.Source.Name, Local(context), cancellationToken);
        if (state is null && await Local(context).ReadFileAsync(SpecificationOf(context), cancellationToken) is null)
        {
            return null;
        }

        // A relay that was only now started has not told its state yet.
        bool runs = await RelayProcess.FindAsync(FolderOf(context), Local(context), cancellationToken) is { } process && await Local(context).IsRunningAsync(process, cancellationToken);
        RelayPoint? point = RelayPoint.Parse(await follower.ExecuteAsync(["HGETALL", RelayPoint.Key], cancellationToken));
        return status with
        {
            State = state?.Phase == RelayPhase.Broken || !runs ? ReplicationState.Broken : point is null ? ReplicationState.Copying : ReplicationState.Streaming,
            LagBytes = point is null ? null : Math.Max(0, written.Number("master_repl_offset") - point.Offset),
            IsFinal = state?.Phase == RelayPhase.Broken,
            Message = state?.Phase == RelayPhase.Broken ? $"The way back has ended: {state.Message}" : runs ? string.Empty : "The relay's process is gone; the keeper starts it again, and it goes on where it was.",
        };
    }

    /// <summary>In reverse through a relay: waits until blue has applied the position.</summary>
    /// <returns>Whether there is a relay.</returns>
    public static async Task<bool> DrainAsync(Shard target, RespConnection blue, RedisPosition position, EngineContext context, CancellationToken cancellationToken)
    {
        RelayPoint? point = RelayPoint.Parse(await blue.ExecuteAsync(["HGETALL", RelayPoint.Key], cancellationToken));
        if (point is null)
        {
            return false;
        }

        while (point.ReplicationId != position.ReplicationId || point.Offset < position.Offset)
        {
            if (await RelayState.FindAsync(FolderOf(context), target.Name, Local(context), cancellationToken) is { Phase: RelayPhase.Broken } broken)
            {
                throw new UpgradeException("WayBackEnded", $"Blue cannot be switched back to: {broken.Message}", "Stay on green.", FailureCategory.WrongState) { Target = target.Primary.Name };
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), context.Clock, cancellationToken);
            point = RelayPoint.Parse(await blue.ExecuteAsync(["HGETALL", RelayPoint.Key], cancellationToken)) ?? point;
        }

        RelayAttachment.EnsureNoErrors(point, await blue.InfoAsync("everything", cancellationToken));
        return true;
    }

    /// <summary>Ends the relay's process, if there is one.</summary>
    public static async Task StopAsync(EngineContext context, CancellationToken cancellationToken)
    {
        IHost host = Local(context);
        if (await RelayProcess.FindAsync(FolderOf(context), host, cancellationToken) is { } process)
        {
            await host.StopAsync(process, TimeSpan.FromSeconds(5), cancellationToken);
        }

        await host.RemoveFolderAsync(FolderOf(context), cancellationToken);
    }

    private static async Task<bool> NeedsRelayAsync(EngineContext context, CancellationToken cancellationToken)
    {
        RedisAccess access = new(context.Service, context.Secrets);
        await using RespConnection green = await access.ConnectAsync(context.Source.Writer, RedisAccount.Admin, "replication", cancellationToken);
        await using RespConnection blue = await access.ConnectAsync(context.Target.Writer, RedisAccount.Admin, "replication", cancellationToken);
        RedisVersion of = RedisVersion.Of(await green.InfoAsync("server", cancellationToken));
        return !RedisVersion.Of(await blue.InfoAsync("server", cancellationToken)).CanLoad(of);
    }

    private async Task StartRelayAsync(EngineContext context, ClusterPosition? from, CancellationToken cancellationToken)
    {
        IHost host = Local(context);
        string folder = FolderOf(context);
        foreach (Shard shard in context.Source.Shards)
        {
            if (await RelayState.FindAsync(folder, shard.Name, host, cancellationToken) is { Phase: RelayPhase.Broken } broken)
            {
                throw new UpgradeException("WayBackEnded", $"Blue cannot follow green any more: {broken.Message}", "Stay on green.", FailureCategory.WrongState) { Target = shard.Name };
            }
        }

        bool isThrownBack = (await Task.WhenAll(RedisPair.Of(context).Select(pair => FindLeftAsync(pair, context, cancellationToken)))).Any(left => left is not null);
        if (await RelayProcess.FindAsync(folder, host, cancellationToken) is { } running && await host.IsRunningAsync(running, cancellationToken))
        {
            if (!isThrownBack)
            {
                return;
            }

            // It was there for a blue that has been promoted since, and is ending.
            await host.StopAsync(running, TimeSpan.FromSeconds(5), cancellationToken);
        }

        await host.CreateFolderAsync(folder, Private | UnixFileMode.UserExecute, cancellationToken);
        string file = SpecificationOf(context);
        if (from is not null || isThrownBack || await host.ReadFileAsync(file, cancellationToken) is null)
        {
            RelaySpecification specification = new(context.LocalService, [.. await Task.WhenAll(RedisPair.Of(context).Select(pair => ShardAsync(pair, context, from, cancellationToken)))]);
            await host.WriteFileAsync(file, ModelJson.Write(specification), Private, cancellationToken);
        }

        HostCommand command = context.OwnProgram.Command("worker", engine, RelayWorker.WorkerName, file) with { StandsBack = true };
        await RelayProcess.SaveAsync(folder, await host.StartDetachedAsync(command, Path.Combine(folder, "relay.log"), cancellationToken), host, cancellationToken);
    }

    /// <summary>How far blue was when it was promoted in a window that came to nothing; null when it was not.</summary>
    private static async Task<RelayPoint?> FindLeftAsync(RedisPair pair, EngineContext context, CancellationToken cancellationToken)
    {
        await using RespConnection blue = await new RedisAccess(context.Service, context.Secrets).ConnectControlAsync(pair.Target.Primary, "relay", cancellationToken);
        return RelayPoint.Parse(await blue.ExecuteAsync(["HGETALL", RelayPoint.LeftKey], cancellationToken));
    }

    private static async Task<RelayShard> ShardAsync(RedisPair pair, EngineContext context, ClusterPosition? from, CancellationToken cancellationToken)
    {
        if (await FindLeftAsync(pair, context, cancellationToken) is { } left)
        {
            return new RelayShard(pair.Source.Name, pair.Source.Primary, pair.Target.Primary, new RelayStart(new RedisPosition(left.ReplicationId, left.Offset), string.Empty, IsFirst: true, IsThrownBack: true));
        }

        if (from is null)
        {
            throw new UpgradeException("WayBackPointMissing", "The point from which blue could follow green was not captured.", "Stay on green.", FailureCategory.WrongState);
        }

        RedisPosition position = RedisPosition.Parse(from.ByShard[pair.Source.Name]);
        await using RespConnection green = await new RedisAccess(context.Service, context.Secrets).ConnectControlAsync(pair.Source.Primary, "relay", cancellationToken);
        RedisInfo replication = await green.InfoAsync("replication", cancellationToken);
        return new RelayShard(pair.Source.Name, pair.Source.Primary, pair.Target.Primary, new RelayStart(position, replication["master_replid2"], IsFirst: true));
    }

    private static IHost Local(EngineContext context) => context.Hosts["local"];

    private static string SpecificationOf(EngineContext context) => Path.Combine(FolderOf(context), "relay.json");

    // The same for whoever goes on with another state folder, and for the guard, wherever that is.
    private static string FolderOf(EngineContext context) => Path.Combine(context.Service.WorkersDirectory ?? context.Service.GuardDirectory, "relay", context.Service.Name, context.UpgradeId);
}
