using StatefulDeploy.Benchmarks.Services;
using StatefulDeploy.Harness;
using StatefulDeploy.Load;

namespace StatefulDeploy.Benchmarks.Switches;

/// <summary>Ours for PostgreSQL: clients behind PgBouncer, green durable before it opens. What is measured holds the whole command.</summary>
public sealed class PostgresSwitch(string from, string to) : ISwitch
{
    public string Name => $"switch-ours-{from}-{to}";

    public string Title => $"ours from {from} to {to}, clients behind PgBouncer";

    public IReadOnlyList<string> Servers => [from, to, "pgbouncer"];

    public async Task<IPreparedSwitch> PrepareAsync(TestBed bed)
    {
        var upgrade = await PostgresUpgrade.StartAsync(bed, from, to);
        await upgrade.Command.RunAsync("upgrade", "--through", "catch-up");
        return new Prepared(upgrade);
    }

    private sealed class Prepared(PostgresUpgrade upgrade) : IPreparedSwitch
    {
        public ILedgerEndpoint Clients => upgrade.Blue.Clients;

        public ILedgerEndpoint Afterwards => upgrade.Green;

        public IReadOnlyList<string> ReconnectOn => [];

        public (DateTimeOffset From, DateTimeOffset To)? Window => upgrade.Command.Times.Window;

        public async Task SwitchAsync() => await upgrade.Command.RunAsync("upgrade", "--through", "switch", "--yes", "--skip-verification", "the switch is what is measured");
    }
}
