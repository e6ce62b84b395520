using System.Net;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using StatefulDeploy.Load.Redis;

namespace StatefulDeploy.Upgrade.Tests.Shards;

/// <summary>One shard: a real server behind a gateway, under a load of its own.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Blue">The server that serves at first.</param>
/// <param name="GreenPort">Where its green is to be.</param>
/// <param name="RouterPort">Where its clients connect.</param>
internal sealed record LiveShard(string Name, RedisServer Blue, int GreenPort, int RouterPort)
{
    /// <summary>Its load.</summary>
    public Ledger Ledger { get; init; } = null!;

    /// <summary>As its clients reach it.</summary>
    public ILedgerEndpoint Router => At(RouterPort);

    /// <summary>A server of it, past the router.</summary>
    public ILedgerEndpoint Server(bool green) => At(green ? GreenPort : Blue.Port);

    private static RedisLedgerEndpoint At(int port) => new(new RedisLedgerOptions { Servers = [new IPEndPoint(IPAddress.Loopback, port)] });
}
