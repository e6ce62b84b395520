#pragma warning disable CA1822 // the relay comes next
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Protocols.Resp;

namespace StatefulDeploy.Engines.Redis;

/// <summary>The way back: blue follows green after the switch, natively where blue loads green's snapshots, else through our relay.</summary>
internal sealed class RedisReverse
{

    /// <summary>Lets every blue primary follow its green one.</summary>
    public async Task StartAsync(EngineContext context, ClusterPosition? from, CancellationToken cancellationToken)
    {
        foreach (RedisPair pair in RedisPair.Of(context))
        {
            await RedisFollowing.FollowAsync(pair.Source.Primary, pair.Target.Primary, context, cancellationToken);
        }
    }

    public Task RehearseAsync(EngineContext context, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<ReplicationStatus?> FindRelayStatusAsync(ReplicationStatus status, RedisPair pair, EngineContext context, RedisInfo written, RespConnection follower, CancellationToken cancellationToken) =>
        Task.FromResult<ReplicationStatus?>(null);

    public Task<bool> DrainAsync(EngineContext context, ClusterPosition position, CancellationToken cancellationToken) => Task.FromResult(false);

    public Task EndAsync(EngineContext context, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(EngineContext context, CancellationToken cancellationToken) => Task.CompletedTask;
}
