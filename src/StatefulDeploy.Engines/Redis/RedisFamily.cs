namespace StatefulDeploy.Engines.Redis;

/// <summary>The two lines of servers that share a protocol and, up to a point, a snapshot format.</summary>
internal enum RedisFamily
{
    /// <summary>Redis.</summary>
    Redis,

    /// <summary>Valkey, which came from Redis 7.2.</summary>
    Valkey,
}
