using System.Net;

namespace StatefulDeploy.Load.Redis;

/// <summary>A service that speaks RESP: Redis, Valkey, Garnet, or a router in front of one.</summary>
/// <param name="server">How to reach it.</param>
public sealed class RedisLedgerEndpoint(RedisLedgerOptions server) : ILedgerEndpoint
{
    /// <summary>One server on this machine, without a password.</summary>
    /// <param name="port">Its port.</param>
    public RedisLedgerEndpoint(int port)
        : this(new RedisLedgerOptions { Servers = [new IPEndPoint(IPAddress.Loopback, port)] })
    {
    }

    /// <inheritdoc/>
    public ILedgerClient NewClient(LedgerOptions options, TimeProvider time) => new RedisLedgerClient(server, options, time);
}
