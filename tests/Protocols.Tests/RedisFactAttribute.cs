namespace StatefulDeploy.Protocols.Tests;

/// <summary>A test that needs a real redis-server on the PATH, and says so when there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisFactAttribute : FactAttribute
{
    public RedisFactAttribute()
    {
        if (RedisProcess.Binary is null)
        {
            Skip = "redis-server is not on the PATH (Debian: apt-get install redis-server)";
        }
    }
}
