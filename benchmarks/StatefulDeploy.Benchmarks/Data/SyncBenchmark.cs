using System.Diagnostics;
using System.Globalization;
using StatefulDeploy.Benchmarks.Results;
using StatefulDeploy.Benchmarks.Services;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Benchmarks.Data;

/// <summary>The initial copy of the same data: the server's own (a replica that is told to follow), and ours, its own rows and the whole command.</summary>
public sealed class SyncBenchmark : IBenchmark
{
    private const string From = "redis-7.0";
    private const string To = "redis-8.0";
    private const string Group = "Initial copy";

    private static readonly TimeSpan Within = TimeSpan.FromMinutes(5);

    public string Name => "sync";

    public string Title => "the initial copy against the server's own full synchronization of the same data";

    public string? WhyNot => ServerCatalog.WhyMissing([From, To]);

    public async IAsyncEnumerable<ResultLine> RunAsync(Arguments arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var size = Math.Min(1024, arguments.Megabytes.Max());
        var own = new List<double>();
        var rows = new List<double>();
        var commands = new List<double>();
        for (var round = 0; round < arguments.Rounds; round++)
        {
            own.Add(await OwnAsync(size));
            var (row, command) = await OursAsync(size);
            rows.Add(row);
            commands.Add(command);
        }

        yield return Line("redis itself", size, own);
        yield return Line("ours, the copy", size, rows);
        yield return Line("ours, the whole command with preflight, snapshot and green's start", size, commands);
    }

    private static async Task<double> OwnAsync(int megabytes)
    {
        await using var bed = new TestBed();
        var primary = await bed.StartRedisAsync(From, DataSet.Settings);
        await DataSet.OfMegabytes(megabytes).FillAsync(primary);
        var replica = await bed.StartRedisAsync(To);
        var time = Stopwatch.StartNew();
        await replica.CallAsync("REPLICAOF", "127.0.0.1", primary.Port.ToString(CultureInfo.InvariantCulture));
        await TestBed.WaitUntilAsync(async () => await replica.InfoAsync("master_link_status") == "up", "the replica has all data", Within);
        return time.Elapsed.TotalSeconds;
    }

    private static async Task<(double Rows, double Command)> OursAsync(int megabytes)
    {
        await using var bed = new TestBed();
        var service = await OurService.StartAsync(bed, From, To, DataSet.Settings);
        await DataSet.OfMegabytes(megabytes).FillAsync(service.Blue);
        var time = Stopwatch.StartNew();
        await service.UpgradeAsync("--through", "catch-up");
        return (service.Times.Between("Replicate", "CatchUp").TotalSeconds, time.Elapsed.TotalSeconds);
    }

    private ResultLine Line(string what, int megabytes, List<double> seconds) => ResultLine.Of(
        Name,
        Group,
        new Dictionary<string, string> { ["copy"] = what, ["data MB"] = megabytes.ToString(CultureInfo.InvariantCulture), ["rounds"] = seconds.Count.ToString(CultureInfo.InvariantCulture) },
        new Dictionary<string, double> { ["median s"] = seconds.Order().ElementAt(seconds.Count / 2), ["slowest s"] = seconds.Max() });
}
