using System.Globalization;
using StatefulDeploy.Benchmarks.Services;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;

namespace StatefulDeploy.Benchmarks.Switches;

/// <summary>
/// The straightforward way: a subscription by hand; blue read-only by <c>default_transaction_read_only</c>, its sessions ended, the slot's lag
/// awaited, sequences set, PgBouncer pointed at green. Nothing proves that nobody writes any more, and there is no way back.
/// </summary>
public sealed class PostgresByHandSwitch(string from, string to) : ISwitch
{
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(5);

    public string Name => $"switch-by-hand-{from}-{to}";

    public string Title => $"read-only, kill sessions, wait for lag 0, repoint: {from} to {to} behind PgBouncer";

    public IReadOnlyList<string> Servers => [from, to, "pgbouncer"];

    public async Task<IPreparedSwitch> PrepareAsync(TestBed bed)
    {
        ArgumentNullException.ThrowIfNull(bed);
        var blue = await PostgresBlue.StartAsync(bed, from);
        var green = await bed.StartPostgresAsync(to);
        await green.AskAsync($"{PostgresBlue.Table}; ALTER TABLE orders OWNER TO app", "app");
        await blue.Server.AskAsync("CREATE PUBLICATION by_hand FOR ALL TABLES", "app");
        await green.AskAsync($"CREATE SUBSCRIPTION by_hand CONNECTION 'host=127.0.0.1 port={blue.Server.Port} dbname=app user=postgres password=''{PostgresServer.AdminPassword}''' PUBLICATION by_hand", "app");
        await TestBed.WaitUntilAsync(async () => await green.AskAsync("SELECT count(*) FROM pg_subscription_rel WHERE srsubstate <> 'r'", "app") == "0", "green has copied everything", Within);
        return new Prepared(blue, green);
    }

    private sealed class Prepared(PostgresBlue blue, PostgresServer green) : IPreparedSwitch
    {
        public ILedgerEndpoint Clients => blue.Clients;

        public ILedgerEndpoint Afterwards => PostgresBlue.EndpointOf(green.Port);

        public IReadOnlyList<string> ReconnectOn => [];

        public async Task SwitchAsync()
        {
            await blue.Server.AskAsync("ALTER SYSTEM SET default_transaction_read_only = on");
            await blue.Server.AskAsync("SELECT pg_reload_conf(); SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'");
            var position = await blue.Server.AskAsync("SELECT pg_current_wal_lsn()");
            await TestBed.WaitUntilAsync(async () => await blue.Server.AskAsync($"SELECT confirmed_flush_lsn >= '{position}' FROM pg_replication_slots WHERE slot_name = 'by_hand'") == bool.TrueString, "the lag is 0", Within);
            var next = await blue.Server.AskAsync("SELECT last_value FROM ledger_list_id_seq", "app");
            await green.AskAsync($"SELECT setval('ledger_list_id_seq', {next})", "app");
            await RepointAsync();
        }

        private async Task RepointAsync()
        {
            var text = await File.ReadAllTextAsync(blue.Pooler.ConfigurationFile);
            await File.WriteAllTextAsync(blue.Pooler.ConfigurationFile, text.Replace($"port={blue.Server.Port.ToString(CultureInfo.InvariantCulture)}", $"port={green.Port.ToString(CultureInfo.InvariantCulture)}", StringComparison.Ordinal));
            blue.Pooler.Process.Reload();
        }
    }
}
