using System.Diagnostics;
using System.Globalization;
using StatefulDeploy.Benchmarks.Results;
using StatefulDeploy.Benchmarks.Services;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Benchmarks.Data;

/// <summary>
/// The initial copy of the same PostgreSQL, nobody writing: our copy of rows, our base backup with pg_upgrade, the built-in copy of a subscription, and
/// as the floor pg_basebackup alone. Each ends when green follows without lag, so indexes, keys and statistics are there with ours; the built-in one
/// has its indexes too, and no statistics.
/// </summary>
public sealed class PostgresCopyBenchmark : IBenchmark
{
    private const string From = "postgresql-15";
    private const string To = "postgresql-17";
    private const string Group = "Initial copy of PostgreSQL";

    public string Name => "postgresql-copy";

    public string Title => "the initial copy, of rows and by a base backup, against the built-in copy and pg_basebackup of the same data";

    public string? WhyNot => ServerCatalog.WhyMissing([From, To, "pgbouncer"]);

    public async IAsyncEnumerable<ResultLine> RunAsync(Arguments arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        foreach (var size in arguments.Megabytes)
        {
            var times = new Dictionary<string, List<double>>(StringComparer.Ordinal);
            var bytes = 0L;
            for (var round = 0; round < arguments.Rounds; round++)
            {
                foreach (var (what, measure) in Sides)
                {
                    var (seconds, there) = await measure(size);
                    bytes = there;
                    (times.TryGetValue(what, out var all) ? all : times[what] = []).Add(seconds);
                }
            }

            foreach (var (what, seconds) in times)
                yield return Line(what, size, bytes, seconds);
        }
    }

    private static IEnumerable<(string What, Func<int, Task<(double Seconds, long Bytes)>> Measure)> Sides =>
    [
        ("pg_basebackup alone (the floor)", FloorAsync),
        ("ours, rows (initialCopy: logical)", size => OursAsync(size, "logical")),
        ("ours, base backup and pg_upgrade (initialCopy: physical)", size => OursAsync(size, "physical")),
        ("built-in copy of a subscription (initialCopy: subscription)", size => OursAsync(size, "subscription")),
    ];

    private static async Task<(double Seconds, long Bytes)> FloorAsync(int megabytes)
    {
        await using var bed = new TestBed();
        var server = (await PostgresBlue.StartAsync(bed, From)).Server;
        await new PostgresDataSet(megabytes).FillAsync(server);
        await File.AppendAllTextAsync(Path.Combine(server.Data, "pg_hba.conf"), "host replication all 127.0.0.1/32 scram-sha-256\n");
        await server.AskAsync("SELECT pg_reload_conf()");
        await server.AskAsync("CHECKPOINT");
        var bytes = await SizeAsync(server);
        var program = Path.Combine(Path.GetDirectoryName(ServerCatalog.Get(From).Program)!, "pg_basebackup");
        var start = new ProcessStartInfo(program, ["-D", Path.Combine(bed.NewFolder("floor"), "data"), "-h", "127.0.0.1", "-p", server.Port.ToString(CultureInfo.InvariantCulture), "-U", "postgres", "-X", "stream", "--checkpoint=fast"]) { UseShellExecute = false };
        start.Environment["PGPASSWORD"] = PostgresServer.AdminPassword;
        var time = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? (time.Elapsed.TotalSeconds, bytes) : throw new InvalidOperationException("pg_basebackup failed; its output is above.");
    }

    // From the beginning of the step that fills green to the end of the wait for it; plan, snapshot and green's start are not part of it.
    private static async Task<(double Seconds, long Bytes)> OursAsync(int megabytes, string way)
    {
        await using var bed = new TestBed();
        var upgrade = await PostgresUpgrade.StartAsync(bed, From, To, $"initialCopy: {way}");
        await new PostgresDataSet(megabytes).FillAsync(upgrade.Blue.Server);
        await upgrade.Blue.Server.AskAsync("CHECKPOINT");
        var bytes = await SizeAsync(upgrade.Blue.Server);
        await upgrade.Command.RunAsync("upgrade", "--yes", "--through", "catch-up");
        return (upgrade.Command.Times.Between("Replicate", "CatchUp").TotalSeconds, bytes);
    }

    private static async Task<long> SizeAsync(PostgresServer server) => long.Parse(await server.AskAsync("SELECT sum(pg_database_size(oid))::bigint FROM pg_database"), CultureInfo.InvariantCulture);

    private ResultLine Line(string what, int megabytes, long bytes, List<double> seconds) => ResultLine.Of(
        Name,
        Group,
        new Dictionary<string, string> { ["copy"] = what, ["data MB"] = megabytes.ToString(CultureInfo.InvariantCulture), ["rounds"] = seconds.Count.ToString(CultureInfo.InvariantCulture) },
        new Dictionary<string, double> { ["on disk MB"] = bytes >> 20, ["median s"] = seconds.Order().ElementAt(seconds.Count / 2), ["slowest s"] = seconds.Max() });
}
