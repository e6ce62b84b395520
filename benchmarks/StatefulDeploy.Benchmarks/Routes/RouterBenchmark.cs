using System.Globalization;
using StatefulDeploy.Benchmarks.Results;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Benchmarks.Routes;

/// <summary>Throughput and latency through each route, measured by redis-benchmark, the routes by turns so that the machine's mood meets all.</summary>
public sealed class RouterBenchmark(IReadOnlyList<IRoute> routes) : IBenchmark
{
    private const int Connections = 50;
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(3);
    private static readonly int[] Pipelines = [1, 16];

    public string Name => "router";

    public string Title => "throughput and latency of the routers against a direct connection";

    public string? WhyNot => ServerCatalog.WhyMissing(["redis-7.0", "redis-benchmark"]);

    public async IAsyncEnumerable<ResultLine> RunAsync(Arguments arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        await using var bed = new TestBed();
        var server = await bed.StartRedisAsync("redis-7.0");
        var open = new List<(string Name, int Port)>();
        foreach (var route in routes.Where(route => route.WhyNot is null))
        {
            open.Add((route.Name, await route.OpenAsync(bed, server)));
        }

        foreach (var pipeline in Pipelines)
        {
            foreach (var line in Summarize(pipeline, await MeasureAsync(arguments, pipeline, open)))
            {
                yield return line;
            }
        }
    }

    private static async Task<List<Measured>> MeasureAsync(Arguments arguments, int pipeline, IReadOnlyList<(string Name, int Port)> routes)
    {
        var measured = new List<Measured>();
        for (var round = 0; round < arguments.Rounds; round++)
        {
            foreach (var (name, port) in routes)
            {
                measured.AddRange(await RunAsync(name, port, pipeline, arguments.Requests * (pipeline > 1 ? 4 : 1)));
            }
        }

        return measured;
    }

    private static async Task<IEnumerable<Measured>> RunAsync(string route, int port, int pipeline, int requests)
    {
        var (code, said) = await TestProcess.RunAsync(
            ServerCatalog.Get("redis-benchmark").Program,
            ["-p", Text(port), "-c", Text(Connections), "-n", Text(requests), "-P", Text(pipeline), "-r", "100000", "-d", "64", "-t", "set,get", "--csv"],
            Within);
        if (code != 0)
        {
            throw new InvalidOperationException($"redis-benchmark ended with {code}: {said}");
        }

        // "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
        return said.Split('\n')
            .Select(line => line.Split(',').Select(cell => cell.Trim('"')).ToArray())
            .Where(cells => cells.Length == 8 && cells[0] is "SET" or "GET")
            .Select(cells => new Measured(route, cells[0], Number(cells[1]), Number(cells[4]), Number(cells[6])));
    }

    private IEnumerable<ResultLine> Summarize(int pipeline, List<Measured> measured) => measured
        .GroupBy(round => (round.Command, round.Route))
        .OrderBy(same => same.Key.Command, StringComparer.Ordinal)
        .Select(same => ResultLine.Of(
            Name,
            "Routers",
            new Dictionary<string, string> { ["route"] = same.Key.Route, ["command"] = same.Key.Command, ["pipeline"] = Text(pipeline), ["connections"] = Text(Connections) },
            Figures([.. same], [.. measured.Where(round => round.Route == "haproxy" && round.Command == same.Key.Command)])));

    private static Dictionary<string, double> Figures(IReadOnlyList<Measured> own, IReadOnlyList<Measured> haproxy)
    {
        var figures = new Dictionary<string, double>
        {
            ["requests a second"] = Median(own.Select(round => round.PerSecond)),
            ["p50 ms"] = Median(own.Select(round => round.P50)),
            ["p99 ms"] = Median(own.Select(round => round.P99)),
        };
        if (haproxy.Count > 0)
        {
            figures["% of haproxy"] = Math.Round(100 * figures["requests a second"] / Median(haproxy.Select(round => round.PerSecond)), 1);
        }

        return figures;
    }

    private static double Median(IEnumerable<double> figures)
    {
        var sorted = figures.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private sealed record Measured(string Route, string Command, double PerSecond, double P50, double P99);
}
