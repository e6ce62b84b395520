using System.Globalization;

namespace StatefulDeploy.Benchmarks.Results;

/// <summary>One measured line.</summary>
/// <param name="Benchmark">The benchmark's name.</param>
/// <param name="Group">Lines of one group stand in one table.</param>
/// <param name="At">When it was measured.</param>
/// <param name="Machine">On what.</param>
/// <param name="Parameters">What was varied, such as the number of clients.</param>
/// <param name="Figures">What was measured; the name has the unit.</param>
public sealed record ResultLine(
    string Benchmark,
    string Group,
    DateTimeOffset At,
    string Machine,
    IReadOnlyDictionary<string, string> Parameters,
    IReadOnlyDictionary<string, double> Figures)
{
    public static ResultLine Of(string benchmark, string group, IReadOnlyDictionary<string, string> parameters, IReadOnlyDictionary<string, double> figures) =>
        new(benchmark, group, TimeProvider.System.GetUtcNow(), Results.Machine.Description, parameters, figures);

    public string Describe() => string.Join(", ", [.. Parameters.Select(pair => $"{pair.Key} {pair.Value}"), .. Figures.Select(pair => $"{pair.Key} {Number(pair.Value)}")]);

    public static string Number(double figure) => Math.Abs(figure) >= 100 || figure == Math.Floor(figure)
        ? figure.ToString("#,0", CultureInfo.InvariantCulture)
        : figure.ToString("0.##", CultureInfo.InvariantCulture);
}
