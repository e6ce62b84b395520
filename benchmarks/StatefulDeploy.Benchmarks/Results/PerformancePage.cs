namespace StatefulDeploy.Benchmarks.Results;

/// <summary>Puts the figures into a page that people write around them.</summary>
public static class PerformancePage
{
    private const string Begin = "<!-- figures: made by benchmarks/run.sh document; do not edit -->";
    private const string End = "<!-- end of figures -->";

    public static void Write(string page, IReadOnlyList<ResultLine> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var text = File.Exists(page) ? File.ReadAllText(page) : $"# Performance\n\n{Begin}\n{End}\n";
        var begin = text.IndexOf(Begin, StringComparison.Ordinal);
        var end = text.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
        {
            throw new InvalidDataException($"{page} has no place for the figures: the lines\n{Begin}\n{End}");
        }

        var machines = string.Join('\n', lines.Select(line => $"Measured {line.At:yyyy-MM-dd} on {line.Machine}.").Distinct());
        File.WriteAllText(page, $"{text[..begin]}{Begin}\n\n{machines}\n\n{MarkdownTable.Of(lines)}\n{text[end..]}");
    }
}
