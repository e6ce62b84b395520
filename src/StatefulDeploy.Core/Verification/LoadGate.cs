using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Verification;

/// <summary>Compares what a load suite measured on green with what it measured on blue's version.</summary>
public static class LoadGate
{
    /// <summary>The result with its ratios, failed with expected and actual for each threshold that is passed.</summary>
    public static SuiteResult Judge(SuiteResult result, SuiteDescription suite, LoadMetrics green, LoadBaseline baseline)
    {
        var blue = baseline.Metrics;
        var failures = new List<string>();
        var ratios = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, actual, before) in new[] { ("p50", green.P50, blue.P50), ("p95", green.P95, blue.P95), ("p99", green.P99, blue.P99) })
        {
            ratios[name] = actual / before;
            if (ratios[name] > suite.MaxLatencyRatio)
                failures.Add(Text($"{name}: expected at most {suite.MaxLatencyRatio:0.##} times blue's {before:0.###}, actual {actual:0.###} ({ratios[name]:0.##} times)"));
        }

        ratios["throughput"] = green.Throughput / blue.Throughput;
        if (ratios["throughput"] < suite.MinThroughputRatio)
            failures.Add(Text($"throughput: expected at least {suite.MinThroughputRatio:0.##} times blue's {blue.Throughput:0.###}, actual {green.Throughput:0.###} ({ratios["throughput"]:0.##} times)"));

        var against = Text($"Compared with {suite.Name} on {baseline.Version} ({baseline.On}, {baseline.RecordedAt:yyyy-MM-dd HH:mm}).");
        return result with
        {
            Passed = result.Passed && failures.Count == 0,
            Ratios = ratios,
            Notes = string.Join('\n', new[] { result.Notes }.Concat(failures).Append(against).Where(note => note.Length > 0)),
        };
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
