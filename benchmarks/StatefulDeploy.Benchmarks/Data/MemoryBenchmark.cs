using System.Diagnostics;
using System.Globalization;
using StatefulDeploy.Benchmarks.Results;
using StatefulDeploy.Benchmarks.Services;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Benchmarks.Data;

/// <summary>The memory of the orchestrator while it copies and compares more and more keys.</summary>
public sealed class MemoryBenchmark : IBenchmark
{
    private const string From = "redis-7.0";
    private const string To = "redis-8.0";
    private const int ValueBytes = 32;

    private static readonly int[] Millions = [1, 10];

    public string Name => "memory";

    public string Title => "the orchestrator's memory while it compares 1 and 10 million keys";

    public string? WhyNot => ServerCatalog.WhyMissing([From, To]);

    public async IAsyncEnumerable<ResultLine> RunAsync(Arguments arguments)
    {
        foreach (var millions in Millions)
        {
            await using var bed = new TestBed();
            var service = await OurService.StartAsync(bed, From, To, DataSet.Settings);
            await new DataSet(millions * 1_000_000L, ValueBytes).FillAsync(service.Blue);
            var copying = await service.UpgradeAsync("--through", "catch-up");
            var time = Stopwatch.StartNew();
            var comparing = await service.UpgradeAsync("--through", "verify");
            yield return ResultLine.Of(
                Name,
                "Memory of the orchestrator",
                new Dictionary<string, string> { ["million keys"] = millions.ToString(CultureInfo.InvariantCulture) },
                new Dictionary<string, double> { ["peak MB while copying"] = copying.Megabytes, ["peak MB while comparing"] = comparing.Megabytes, ["comparing s"] = time.Elapsed.TotalSeconds });
        }
    }
}
