using System.Text;

namespace StatefulDeploy.Benchmarks.Results;

/// <summary>Lines side by side, a table a group.</summary>
public static class MarkdownTable
{
    public static string Of(IReadOnlyList<ResultLine> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        return string.Join('\n', lines.GroupBy(line => line.Group).Select(Table));
    }

    private static string Table(IGrouping<string, ResultLine> group)
    {
        var parameters = group.SelectMany(line => line.Parameters.Keys).Distinct().ToList();
        var figures = group.SelectMany(line => line.Figures.Keys).Distinct().ToList();
        var text = new StringBuilder();
        text.Append("### ").Append(group.Key).Append("\n\n");
        Row(text, ["", .. parameters, .. figures]);
        Row(text, [.. Enumerable.Repeat("---", 1 + parameters.Count), .. Enumerable.Repeat("--:", figures.Count)]);
        foreach (var line in group)
        {
            Row(text, [line.Benchmark, .. parameters.Select(name => line.Parameters.GetValueOrDefault(name, "")), .. figures.Select(name => Cell(line, name))]);
        }

        return text.ToString();
    }

    private static string Cell(ResultLine line, string figure) => line.Figures.TryGetValue(figure, out var value) ? ResultLine.Number(value) : "";

    private static void Row(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
