using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Gateway.Tests;

/// <summary>What the engine does in a switch, by hand: a replica catches up and is promoted, and the old primary follows it.</summary>
internal static class Switchover
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(20);

    /// <summary>Waits until the replica has applied all that the primary has written.</summary>
    public static async Task DrainAsync(RespServer primary, RespServer replica)
    {
        var offset = await primary.InfoAsync("master_repl_offset");
        await TestBed.WaitUntilAsync(async () => await replica.InfoAsync("slave_repl_offset") == offset, "the replica has all", Within);
    }

    public static Task PromoteAsync(RespServer replica) => replica.CallAsync("REPLICAOF", "NO", "ONE");

    /// <summary>Has a server follow another, and waits until it does.</summary>
    public static async Task FollowAsync(RespServer follower, RespServer primary)
    {
        await follower.CallAsync("REPLICAOF", "127.0.0.1", $"{primary.Port}");
        await TestBed.WaitUntilAsync(async () => await follower.InfoAsync("master_link_status") == "up", "it follows", Within);
    }

    /// <summary>A whole switch through the gateway.</summary>
    public static async Task RunAsync(GatewayUnderTest gateway, long epoch, RespServer from, RespServer to)
    {
        await gateway.PrepareAsync(epoch, to);
        await gateway.HoldAsync(epoch);
        await DrainAsync(from, to);
        await gateway.ReadsAsync(epoch, to);
        await PromoteAsync(to);
        await gateway.SwitchAsync(epoch, to);
    }
}
