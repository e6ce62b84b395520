using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;
using StatefulDeploy.Load.Postgres;

namespace StatefulDeploy.Benchmarks.Services;

/// <summary>A PostgreSQL with data behind PgBouncer: what every way to switch it begins with.</summary>
public sealed class PostgresBlue
{
    /// <summary>What is there besides the ledger: rows that are to be copied, and an index.</summary>
    public const string Table = "CREATE TABLE orders (id int PRIMARY KEY, customer int, note text); CREATE INDEX by_customer ON orders (customer)";

    private const string Fill = "INSERT INTO orders SELECT i, i % 997, md5(i::text) FROM generate_series(1, 200000) i";

    private PostgresBlue(PostgresServer server, PgBouncerServer pooler)
    {
        Server = server;
        Pooler = pooler;
    }

    /// <summary>Blue.</summary>
    public PostgresServer Server { get; }

    /// <summary>What clients connect to.</summary>
    public PgBouncerServer Pooler { get; }

    /// <summary>The service as clients reach it.</summary>
    public ILedgerEndpoint Clients => EndpointOf(Pooler.Port);

    /// <summary>Starts both and fills blue.</summary>
    /// <param name="bed">What ends everything afterwards.</param>
    /// <param name="from">Blue's server, by its name in the catalog.</param>
    public static async Task<PostgresBlue> StartAsync(TestBed bed, string from)
    {
        ArgumentNullException.ThrowIfNull(bed);
        var server = await bed.StartPostgresAsync(from);
        foreach (var sql in new[] { Table, Fill, "ALTER TABLE orders OWNER TO app", "ANALYZE" })
            await server.AskAsync(sql, "app");
        return new PostgresBlue(server, await bed.StartPgBouncerAsync(server.Port));
    }

    /// <summary>A server, past PgBouncer, or that itself.</summary>
    /// <param name="port">Its port.</param>
    public static ILedgerEndpoint EndpointOf(int port) => new PostgresLedgerEndpoint("127.0.0.1", port, "app", "app", PostgresServer.ClientPassword);
}
