using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace StatefulDeploy.Verification;

/// <summary>What a load suite measured. Only ratios of two runs of the same suite are looked at, so any unit will do.</summary>
/// <param name="P50">The median latency.</param>
/// <param name="P95">The latency at the 95th percentile.</param>
/// <param name="P99">The latency at the 99th percentile.</param>
/// <param name="Throughput">Requests in a unit of time.</param>
public sealed partial record LoadMetrics(double P50, double P95, double P99, double Throughput)
{
    /// <summary>What a suite has to leave, for messages.</summary>
    public const string Expected = "a JSON object or lines name=value with p50, p95, p99 and throughput, all above 0";

    /// <summary>Reads a JSON object, or lines <c>name=value</c> or <c>name: value</c>; the last value of a name counts.</summary>
    /// <returns>The metrics; null when one of the four is missing or not above zero.</returns>
    public static LoadMetrics? Parse(string text)
    {
        var values = ParseJson(text) ?? ParseLines(text);
        return Value("p50") is { } p50 && Value("p95") is { } p95 && Value("p99") is { } p99 && Value("throughput") is { } throughput
            ? new LoadMetrics(p50, p95, p99, throughput)
            : null;

        double? Value(string name) => values.TryGetValue(name, out var value) && double.IsFinite(value) && value > 0 ? value : null;
    }

    private static Dictionary<string, double>? ParseJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.EnumerateObject().Where(property => property.Value.ValueKind == JsonValueKind.Number)
                    .GroupBy(property => property.Name, StringComparer.OrdinalIgnoreCase)
                    .ToDictionary(group => group.Key, group => group.Last().Value.GetDouble(), StringComparer.OrdinalIgnoreCase)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Dictionary<string, double> ParseLines(string text)
    {
        var values = new Dictionary<string, double>(StringComparer.OrdinalIgnoreCase);
        foreach (Match line in LinePattern().Matches(text))
            values[line.Groups["name"].Value] = double.Parse(line.Groups["value"].ValueSpan, CultureInfo.InvariantCulture);
        return values;
    }

    // Also finds the members of a JSON object that stands among other output.
    [GeneratedRegex("\\b(?<name>p50|p95|p99|throughput)\"?\\s*[=:]\\s*(?<value>\\d+(\\.\\d+)?([eE][+-]?\\d+)?)", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LinePattern();
}
