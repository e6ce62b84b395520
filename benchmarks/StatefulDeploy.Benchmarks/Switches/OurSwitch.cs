using StatefulDeploy.Benchmarks.Services;
using StatefulDeploy.Harness;
using StatefulDeploy.Load;

namespace StatefulDeploy.Benchmarks.Switches;

/// <summary>Ours: clients behind the gateway, the switch by the command line program. What is measured holds the whole command, from its start as a process to its end.</summary>
public sealed class OurSwitch(string from, string to) : ISwitch
{
    public string Name => $"switch-ours-{from}-{to}";

    public string Title => $"ours from {from} to {to}, clients behind the gateway";

    public IReadOnlyList<string> Servers => [from, to];

    public async Task<IPreparedSwitch> PrepareAsync(TestBed bed)
    {
        ArgumentNullException.ThrowIfNull(bed);
        var service = await OurService.StartAsync(bed, from, to);
        await service.UpgradeAsync("--through", "catch-up");
        return new Prepared(service);
    }

    private sealed class Prepared(OurService service) : IPreparedSwitch
    {
        public ILedgerEndpoint Clients => service.Clients;

        public ILedgerEndpoint Afterwards => service.Green;

        public IReadOnlyList<string> ReconnectOn => [];

        public (DateTimeOffset From, DateTimeOffset To)? Window => service.Times.Window;

        public Task SwitchAsync() => service.UpgradeAsync("--through", "switch", "--yes");
    }
}
