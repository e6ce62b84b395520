using System.Globalization;
using StatefulDeploy.Verification;

namespace StatefulDeploy.Engines.PostgreSql.Workload;

/// <summary>The latency of every transaction of a run of pgbench, from its logs (PostgreSQL's documentation, pgbench, "Per-Transaction Logging"): the third word of a line, in microseconds.</summary>
internal sealed class PgBenchLatencies
{
    private readonly int[] _sorted;

    private PgBenchLatencies(List<int> latencies)
    {
        latencies.Sort();
        _sorted = [.. latencies];
    }

    /// <summary>Reads the lines of all logs of a run. What was skipped or failed has no latency.</summary>
    public static PgBenchLatencies Read(IEnumerable<string> lines)
    {
        List<int> latencies = [];
        foreach (string line in lines)
        {
            if (line.Split(' ') is [_, _, var latency, ..] && int.TryParse(latency, NumberStyles.None, CultureInfo.InvariantCulture, out int microseconds))
            {
                latencies.Add(microseconds);
            }
        }

        return new PgBenchLatencies(latencies);
    }

    /// <summary>Milliseconds, and transactions a second over the time of the run.</summary>
    /// <returns>Null when there was no transaction.</returns>
    public LoadMetrics? Summarize(TimeSpan duration) => _sorted.Length == 0
        ? null
        : new LoadMetrics(At(0.5), At(0.95), At(0.99), _sorted.Length / Math.Ceiling(duration.TotalSeconds));

    // Of a clock that is not fine enough nothing is below a microsecond.
    private double At(double quantile) => Math.Max(1, _sorted[(int)Math.Ceiling(quantile * _sorted.Length) - 1]) / 1000.0;
}
