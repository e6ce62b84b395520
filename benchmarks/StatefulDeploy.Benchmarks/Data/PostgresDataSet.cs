using System.Globalization;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Benchmarks.Data;

/// <summary>
/// Tables as services have them, of about so many megabytes with their indexes: half of it the tables of pgbench, and the rest wide rows, values
/// beyond a page (which PostgreSQL keeps apart, compressed and not), and a table whose rows were changed so often that its pages are half empty.
/// </summary>
/// <param name="Megabytes">About its size on disk.</param>
public sealed record PostgresDataSet(int Megabytes)
{
    // Megabytes of a scale of pgbench's, and rows of each other table a megabyte, with its indexes: guesses. The size that comes of them is asked of the server, and that is what the results tell.
    private const int MegabytesOfScale = 15;
    private const int WideRows = 1_100;
    private const int ToastedRows = 90;
    private const int SkewedRows = 3_500;

    /// <summary>Fills the client's database.</summary>
    /// <param name="server">A server with that database.</param>
    public async Task FillAsync(PostgresServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        var scale = Math.Max(1, Megabytes / 2 / MegabytesOfScale);
        await PgBenchAsync(server, scale);
        var share = Math.Max(1, Megabytes / 6);
        var columns = string.Join(", ", Enumerable.Range(1, 40).Select(column => $"c{column} {(column % 4 == 0 ? "timestamptz DEFAULT now()" : column % 3 == 0 ? "numeric(12,2) DEFAULT 123456.78" : "text DEFAULT 'some text'")}"));
        foreach (var sql in new[]
        {
            $"CREATE TABLE wide (id bigint PRIMARY KEY, {columns})",
            Text($"INSERT INTO wide (id, c1) SELECT i, md5(i::text) FROM generate_series(1, {(long)share * WideRows}) i"),
            "CREATE INDEX wide_c1 ON wide (c1)",
            "CREATE TABLE toasted (id bigint PRIMARY KEY, plain text, packed jsonb)",
            "ALTER TABLE toasted ALTER plain SET STORAGE EXTERNAL",
            Text($"INSERT INTO toasted SELECT i, (SELECT string_agg(md5((i * 1000 + j)::text), '') FROM generate_series(1, 250) j), (SELECT jsonb_object_agg(md5(j::text), i + j) FROM generate_series(1, 60) j) FROM generate_series(1, {(long)share * ToastedRows}) i"),
            "CREATE TABLE skewed (id bigint PRIMARY KEY, tenant int, state text, at timestamptz DEFAULT now(), note text)",
            Text($"INSERT INTO skewed SELECT i, (random() ^ 6 * 1000)::int, 'new', now(), repeat('x', (random() ^ 8 * 900)::int) FROM generate_series(1, {(long)share * SkewedRows}) i"),
            "CREATE INDEX skewed_tenant ON skewed (tenant, at)",
            "UPDATE skewed SET state = 'done' WHERE tenant < 500",
            "VACUUM ANALYZE",
        })
        {
            await server.AskAsync(sql, "app");
        }
    }

    // By its own program, on the server's side: pgbench_history gets a key, since a table without one cannot be followed.
    private static async Task PgBenchAsync(PostgresServer server, int scale)
    {
        var program = Path.Combine(Path.GetDirectoryName(ServerCatalog.Get("postgresql-15").Program)!, "pgbench");
        var start = new System.Diagnostics.ProcessStartInfo(program, ["-i", "-I", "dtGvp", "-q", "-s", Text($"{scale}"), "-h", "127.0.0.1", "-p", Text($"{server.Port}"), "-U", "postgres", "app"])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["PGPASSWORD"] = PostgresServer.AdminPassword;
        using var process = System.Diagnostics.Process.Start(start)!;
        var said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"pgbench: {said}");
        await server.AskAsync("ALTER TABLE pgbench_history REPLICA IDENTITY FULL", "app");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
