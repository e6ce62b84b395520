using StatefulDeploy.Benchmarks.Services;
using StatefulDeploy.Harness;
using StatefulDeploy.Load;

namespace StatefulDeploy.Benchmarks.Switches;

/// <summary>Ours for PostgreSQL, back again: green serves, blue follows it, and the switch is taken back under load.</summary>
public sealed class PostgresRollback(string from, string to) : ISwitch
{
    public string Name => $"rollback-ours-{from}-{to}";

    public string Title => $"ours back from {to} to {from}, clients behind PgBouncer";

    public IReadOnlyList<string> Servers => [from, to, "pgbouncer"];

    public async Task<IPreparedSwitch> PrepareAsync(TestBed bed)
    {
        var upgrade = await PostgresUpgrade.StartAsync(bed, from, to);
        await upgrade.Command.RunAsync("upgrade", "--through", "switch", "--yes", "--skip-verification", "the way back is what is measured");
        return new Prepared(upgrade);
    }

    private sealed class Prepared(PostgresUpgrade upgrade) : IPreparedSwitch
    {
        public ILedgerEndpoint Clients => upgrade.Blue.Clients;

        public ILedgerEndpoint Afterwards => PostgresBlue.EndpointOf(upgrade.Blue.Server.Port);

        public IReadOnlyList<string> ReconnectOn => [];

        public (DateTimeOffset From, DateTimeOffset To)? Window => upgrade.Command.Times.Window;

        public async Task SwitchAsync() => await upgrade.Command.RunAsync("undo", "--yes");
    }
}
