using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Verification;

/// <summary>Finds the statements that are planned worse on green than they were on blue.</summary>
public static class PlanGate
{
    private const string Sequential = "Seq Scan";
    private const string Index = "Index";
    private const int LongestStatement = 120;

    /// <summary>The result, failed with the statement and both plans for each that became worse.</summary>
    public static SuiteResult Judge(SuiteResult result, WorkloadDescription workload, IReadOnlyList<StatementPlan> green, IReadOnlyList<StatementPlan> blue)
    {
        var before = blue.ToDictionary(plan => plan.Statement, StringComparer.Ordinal);
        var failures = green.Where(plan => before.ContainsKey(plan.Statement)).SelectMany(plan => Compare(plan, before[plan.Statement], workload.MaxPlanCostRatio)).ToList();
        return failures.Count == 0
            ? result
            : result with { Passed = false, Notes = string.Join('\n', new[] { result.Notes }.Concat(failures).Where(note => note.Length > 0)) };
    }

    private static IEnumerable<string> Compare(StatementPlan green, StatementPlan blue, double most)
    {
        var said = $"'{Short(green.Statement)}'";
        var ratio = blue.Cost > 0 ? green.Cost / blue.Cost : 1;
        if (ratio > most)
            yield return Text($"plan of {said}: expected at most {most:0.##} times blue's estimated cost of {blue.Cost:0.##}, actual {green.Cost:0.##} ({ratio:0.##} times); {string.Join(" > ", green.Nodes)} instead of {string.Join(" > ", blue.Nodes)}");

        // A sequential scan that the planner holds for cheaper than blue's whole plan is an improvement.
        foreach (var (relation, scan) in green.Scans)
        {
            if (ratio >= 1 && scan.EndsWith(Sequential, StringComparison.Ordinal) && blue.Scans.GetValueOrDefault(relation) is { } was && was.Contains(Index, StringComparison.Ordinal))
                yield return Text($"plan of {said}: {relation} is read by {scan} where blue has {was}");
        }
    }

    private static string Short(string statement)
    {
        var line = string.Join(' ', statement.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length > LongestStatement ? line[..LongestStatement] + " …" : line;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
