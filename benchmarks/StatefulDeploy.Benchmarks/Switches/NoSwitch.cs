using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;

namespace StatefulDeploy.Benchmarks.Switches;

/// <summary>The noise: the same clients for the same time, and nothing happens.</summary>
public sealed class NoSwitch : ISwitch
{
    public string Name => "switch-none";

    public string Title => "the gap of a run without a switch: what the machine itself does";

    public IReadOnlyList<string> Servers => ["redis-7.0"];

    public async Task<IPreparedSwitch> PrepareAsync(TestBed bed)
    {
        ArgumentNullException.ThrowIfNull(bed);
        var server = await bed.StartRedisAsync("redis-7.0");
        // A replica, as the others have: it takes its share of the machine.
        await bed.StartReplicaAsync(server, "redis-7.0");
        return new Prepared(server);
    }

    private sealed class Prepared(RespServer server) : IPreparedSwitch
    {
        public ILedgerEndpoint Clients => server.Ledger;

        public ILedgerEndpoint Afterwards => server.Ledger;

        public IReadOnlyList<string> ReconnectOn => [];

        public Task SwitchAsync() => Task.Delay(TimeSpan.FromMilliseconds(100));
    }
}
