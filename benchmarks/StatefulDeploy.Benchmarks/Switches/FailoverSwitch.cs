using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using StatefulDeploy.Load.Redis;

namespace StatefulDeploy.Benchmarks.Switches;

/// <summary>Redis's own planned failover, with clients that know both servers and look for the primary again when they are refused.</summary>
public sealed class FailoverSwitch(string from, string to) : ISwitch
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(20);

    public string Name => $"switch-failover-{from}-{to}";

    public string Title => $"FAILOVER from {from} to {to}, clients that reconnect";

    public IReadOnlyList<string> Servers => [from, to];

    public async Task<IPreparedSwitch> PrepareAsync(TestBed bed)
    {
        ArgumentNullException.ThrowIfNull(bed);
        var blue = await bed.StartRedisAsync(from, "maxclients 4000");
        var green = await bed.StartReplicaAsync(blue, to, "maxclients 4000");
        return new Prepared(blue, green);
    }

    private sealed class Prepared(RespServer blue, RespServer green) : IPreparedSwitch
    {
        public ILedgerEndpoint Clients => new RedisLedgerEndpoint(new RedisLedgerOptions { Servers = [blue.EndPoint, green.EndPoint] });

        public ILedgerEndpoint Afterwards => green.Ledger;

        public IReadOnlyList<string> ReconnectOn => ["READONLY", "UNBLOCKED"];

        public async Task SwitchAsync()
        {
            await blue.CallAsync("FAILOVER");
            await TestBed.WaitUntilAsync(async () => await green.InfoAsync("role") == "master", "green is primary", Within);
        }
    }
}
