using StatefulDeploy.Benchmarks.Data;
using StatefulDeploy.Benchmarks.Results;
using StatefulDeploy.Benchmarks.Routes;
using StatefulDeploy.Benchmarks.Switches;
using StatefulDeploy.Benchmarks.Volumes;

namespace StatefulDeploy.Benchmarks;

/// <summary>The command line: names of benchmarks, and how much of them.</summary>
public static class BenchmarkProgram
{
    private const string Usage = """
        benchmarks [NAME…] [--clients 1,16,64,1000] [--switches 20] [--rate N] [--requests 200000] [--rounds 3]
                   [--megabytes 10,100,1024,4096] [--scale 1] [--results DIR]
        benchmarks list
        benchmarks document FILE [--results DIR]     writes the figures into a page, between its markers

        NAME is a benchmark's name or the beginning of it; without one, all are run.
        """;

    private static readonly IReadOnlyList<IBenchmark> All =
    [
        new SwitchBenchmark(new NoSwitch()),
        new SwitchBenchmark(new FailoverSwitch("redis-7.0", "redis-7.0")),
        new SwitchBenchmark(new FailoverSwitch("redis-7.0", "valkey-8.1")),
        new SwitchBenchmark(new FailoverSwitch("redis-7.0", "redis-8.0")),
        new SwitchBenchmark(new OurSwitch("redis-7.0", "redis-8.0")),
        new SwitchBenchmark(new OurSwitch("redis-7.0", "valkey-8.1")),
        new SwitchBenchmark(new PostgresByHandSwitch("postgresql-15", "postgresql-17")),
        new SwitchBenchmark(new PostgresSwitch("postgresql-15", "postgresql-17")),
        new SwitchBenchmark(new PostgresRollback("postgresql-15", "postgresql-17")),
        new WindowGrowthBenchmark(),
        new SyncBenchmark(),
        new PostgresCopyBenchmark(),
        new MemoryBenchmark(),
        new AzureMoveBenchmark(),
        new RouterBenchmark([new DirectRoute(), new HaProxyRoute(), new GatewayRoute()]),
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        if (!Arguments.TryParse(args, out var arguments, out var wrong))
        {
            await Console.Error.WriteLineAsync($"{wrong}\n\n{Usage}");
            return 2;
        }

        var store = new ResultStore(arguments.Results);
        switch (arguments.Names)
        {
            case ["list"]:
                Console.WriteLine(string.Join('\n', All.Select(benchmark => $"{benchmark.Name,-34} {benchmark.Title}")));
                return 0;
            case ["document", var page]:
                PerformancePage.Write(page, store.ReadAll());
                return 0;
            default:
                return await RunAsync(Choose(arguments.Names), arguments, store);
        }
    }

    private static List<IBenchmark> Choose(IReadOnlyList<string> names) =>
        [.. All.Where(benchmark => names.Count == 0 || names.Any(name => benchmark.Name.StartsWith(name, StringComparison.Ordinal)))];

    private static async Task<int> RunAsync(List<IBenchmark> chosen, Arguments arguments, ResultStore store)
    {
        if (chosen.Count == 0)
        {
            await Console.Error.WriteLineAsync($"No benchmark of that name.\n\n{Usage}");
            return 2;
        }

        var lines = new List<ResultLine>();
        foreach (var benchmark in chosen)
        {
            if (benchmark.WhyNot is { } reason)
            {
                Console.WriteLine($"{benchmark.Name}: not run: {reason}");
                continue;
            }

            await foreach (var line in benchmark.RunAsync(arguments))
            {
                store.Add(line);
                lines.Add(line);
                await Console.Error.WriteLineAsync($"{line.Benchmark}: {line.Describe()}");
            }
        }

        Console.WriteLine(MarkdownTable.Of(lines));
        return lines.Count > 0 ? 0 : 1;
    }
}
