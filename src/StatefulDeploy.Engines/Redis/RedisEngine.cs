using StatefulDeploy.Contracts;
using StatefulDeploy.Engines.Redis.Relay;

namespace StatefulDeploy.Engines.Redis;

/// <summary>Redis and Valkey: standalone primaries with any number of replicas.</summary>
/// <remarks>Which versions can follow which is decided by the snapshot versions of their sources; see the table in the code of the engine.</remarks>
public sealed class RedisEngine : IEngine
{
    private RedisEngine(string name, string displayName)
    {
        Name = name;
        DisplayName = displayName;
        RedisReverse reverse = new(name);
        Replicator = new RedisReplicator(reverse);
        Switchover = new RedisSwitchover(reverse);
    }

    /// <summary>Redis: versions without a name are Redis's.</summary>
    public static RedisEngine CreateRedis() => new("redis", "Redis");

    /// <summary>Valkey: versions without a name are Valkey's.</summary>
    public static RedisEngine CreateValkey() => new("valkey", "Valkey");

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string DisplayName { get; }

    /// <inheritdoc/>
    public bool SupportsOtherHosts => true;

    /// <inheritdoc/>
    public IEnginePreflight Preflight { get; } = new RedisPreflight();

    /// <inheritdoc/>
    public INodeProvisioner Provisioner { get; } = new RedisProvisioner();

    /// <inheritdoc/>
    public IReplicator Replicator { get; }

    /// <inheritdoc/>
    public ISwitchover Switchover { get; }

    /// <inheritdoc/>
    public INodeGate Gate { get; } = new RedisGate();

    /// <inheritdoc/>
    public IDataComparer Comparer { get; } = new RedisComparer();

    /// <inheritdoc/>
    public ISnapshotter Snapshotter { get; } = new RedisSnapshotter();

    /// <inheritdoc/>
    public IDisposableCopy? Copies { get; } = new RedisCopies();

    /// <inheritdoc/>
    public IDataFiles? Files { get; } = new RedisFiles();

    /// <inheritdoc/>
    public IDataReuse? Reuse { get; } = new RedisReuse();

    /// <inheritdoc/>
    public IReadOnlyList<IEngineWorker> Workers { get; } = [new RelayWorker()];
}
