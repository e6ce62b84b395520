using System.Globalization;
using StatefulDeploy.Benchmarks.Results;
using StatefulDeploy.Benchmarks.Services;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;

namespace StatefulDeploy.Benchmarks.Data;

/// <summary>How long writes are closed with more and more data in the service. The comparison of all data is left out: it is before the window.</summary>
public sealed class WindowGrowthBenchmark : IBenchmark
{
    private const string From = "redis-7.0";
    private const string To = "redis-8.0";
    private const int Clients = 16;
    private const int MostSwitches = 3;

    public string Name => "growth";

    public string Title => "how the closed window grows with the data, 10 MB to 4 GB";

    public string? WhyNot => ServerCatalog.WhyMissing([From, To]);

    public async IAsyncEnumerable<ResultLine> RunAsync(Arguments arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var switches = Math.Min(MostSwitches, arguments.Switches);
        foreach (var size in arguments.Megabytes)
        {
            var closed = new List<TimeSpan>();
            var gaps = new List<TimeSpan>();
            for (var i = 0; i < switches; i++)
            {
                var one = await SwitchAsync(size);
                closed.Add(one.ClosedFor);
                gaps.AddRange(one.Gaps);
            }

            var (windows, writes) = (GapSummary.Of(closed), GapSummary.Of(gaps));
            yield return ResultLine.Of(
                Name,
                "The closed window and the size of the data",
                new Dictionary<string, string> { ["data MB"] = size.ToString(CultureInfo.InvariantCulture), ["clients"] = Clients.ToString(CultureInfo.InvariantCulture), ["switches"] = switches.ToString(CultureInfo.InvariantCulture) },
                new Dictionary<string, double> { ["closed p50 ms"] = windows.P50, ["closed worst ms"] = windows.Max, ["write gap p50 ms"] = writes.P50, ["write gap worst ms"] = writes.Max });
        }
    }

    private static async Task<(TimeSpan ClosedFor, IReadOnlyList<TimeSpan> Gaps)> SwitchAsync(int megabytes)
    {
        await using var bed = new TestBed();
        var service = await OurService.StartAsync(bed, From, To, DataSet.Settings);
        await DataSet.OfMegabytes(megabytes).FillAsync(service.Blue);
        await service.UpgradeAsync("--through", "catch-up");
        var ledger = await bed.StartLedgerAsync(service.Clients, new LedgerOptions { Writers = Clients, Readers = 4, WritesPerSecond = 200, ReadsPerSecond = 100 });
        var from = ledger.Now;
        await service.UpgradeAsync("--through", "switch", "--yes", "--skip-verification", "the benchmark measures the window alone");
        var interval = new LedgerInterval(from, ledger.Now);
        await ledger.StopAsync();
        return (service.Times.ClosedFor, ledger.WriteGaps(interval));
    }
}
