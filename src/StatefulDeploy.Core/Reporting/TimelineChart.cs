using System.Text;
using StatefulDeploy.Model;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Reporting;

/// <summary>Draws every run of every step on one axis, and below it the lag.</summary>
internal static class TimelineChart
{
    private const double Width = 1080;
    private const double Left = 120;
    private const double Right = 100;
    private const double RowHeight = 24;
    private const double Top = 26;
    private const double LagHeight = 96;

    // Lag is sampled every second; a slow answer may double that.
    private static readonly TimeSpan LongestBetweenSamples = TimeSpan.FromSeconds(5);

    internal static string Render(RunReport report)
    {
        if (report.Steps.Count == 0)
            return "<p class=\"quiet\">No step was begun.</p>";

        var end = report.Upgrade.UpdatedAt;
        var scale = new TimeScale(report.Steps.Select(step => (step.StartedAt, step.EndedAt ?? Later(step.StartedAt, end, report))), Left, Width - Left - Right);
        var rows = report.Steps.Select(step => (step.Name, step.Back)).Distinct().ToList();
        var bottom = Top + rows.Count * RowHeight;
        var height = bottom + (report.Lag.Count > 1 ? LagHeight + 34 : 20);
        var svg = new StringBuilder($"<svg viewBox=\"0 0 {Html.Number(Width)} {Html.Number(height)}\" role=\"img\" aria-label=\"Timeline of the steps\">");
        DrawAxis(svg, scale, bottom);
        for (var i = 0; i < rows.Count; i++)
            DrawRow(svg, scale, report, rows[i], Top + i * RowHeight);
        if (report.Lag.Count > 1)
            DrawLag(svg, scale, report.Lag, bottom + 24);
        return svg.Append("</svg>").ToString();
    }

    // A step without an end was under way when the journal stopped, or when the next run of anything began.
    private static DateTimeOffset Later(DateTimeOffset start, DateTimeOffset end, RunReport report) =>
        report.Steps.Where(step => step.StartedAt > start).Select(step => step.StartedAt).DefaultIfEmpty(end < start ? start : end).Min();

    private static void DrawAxis(StringBuilder svg, TimeScale scale, double bottom)
    {
        foreach (var (x, since) in scale.Ticks(90))
        {
            svg.Append($"<line class=\"grid\" x1=\"{Html.Number(x)}\" y1=\"{Html.Number(Top - 6)}\" x2=\"{Html.Number(x)}\" y2=\"{Html.Number(bottom)}\"/>");
            svg.Append($"<text class=\"tick\" x=\"{Html.Number(x)}\" y=\"12\">{(since == TimeSpan.Zero ? "0" : Html.Duration(since))}</text>");
        }

        foreach (var (x, pause) in scale.Cuts)
        {
            svg.Append($"<path class=\"cut\" d=\"M{Html.Number(x)} {Html.Number(Top - 6)}V{Html.Number(bottom)}\"><title>{Html.Duration(pause)} in which nothing ran</title></path>");
            svg.Append($"<text class=\"tick\" x=\"{Html.Number(x)}\" y=\"{Html.Number(bottom + 13)}\">{Html.Duration(pause)} later</text>");
        }
    }

    private static void DrawRow(StringBuilder svg, TimeScale scale, RunReport report, (string Name, bool Back) row, double y)
    {
        var label = row.Back ? $"{row.Name} ↩" : row.Name;
        svg.Append($"<text class=\"label\" x=\"{Html.Number(Left - 12)}\" y=\"{Html.Number(y + 15)}\">{Html.Text(label)}</text>");
        double right = 0;
        foreach (var step in report.Steps.Where(step => step.Name == row.Name && step.Back == row.Back))
        {
            var x = scale.X(step.StartedAt);
            var width = Math.Max(3, scale.X(step.EndedAt ?? Later(step.StartedAt, report.Upgrade.UpdatedAt, report)) - x);
            var title = $"{label}, attempt {step.Attempt}: {step.Outcome}, {Html.Duration(step.Elapsed)}{(step.Message.Length > 0 ? $". {step.Message}" : string.Empty)}";
            svg.Append($"<rect class=\"bar {ClassOf(step)}\" x=\"{Html.Number(x)}\" y=\"{Html.Number(y + 4)}\" width=\"{Html.Number(width)}\" height=\"15\" rx=\"3\"><title>{Html.Text(title)}</title></rect>");
            right = Math.Max(right, x + width);
        }

        var last = report.Steps.Last(step => step.Name == row.Name && step.Back == row.Back);
        svg.Append($"<text class=\"value\" x=\"{Html.Number(right + 8)}\" y=\"{Html.Number(y + 15)}\">{Html.Duration(last.Elapsed)}</text>");
    }

    private static string ClassOf(ReportStep step) => step.Outcome switch
    {
        StepOutcome.Failed => "failed",
        StepOutcome.Undone => "undone",
        StepOutcome.Unfinished => "unfinished",
        _ when Enum.TryParse<StepName>(step.Name, out var name) && name is >= StepName.Fence and <= StepName.Switch => "closed",
        _ when step.Name is nameof(StepName.Soak) or nameof(StepName.Retire) => "after",
        _ => "before",
    };

    // Between two waits nobody measured: no line is drawn there.
    private static List<List<LagSample>> Stretches(IReadOnlyList<LagSample> lag)
    {
        var stretches = new List<List<LagSample>>();
        foreach (var sample in lag)
        {
            if (stretches.Count == 0 || sample.Time - stretches[^1][^1].Time > LongestBetweenSamples)
                stretches.Add([]);
            stretches[^1].Add(sample);
        }

        return stretches;
    }

    private static void DrawLag(StringBuilder svg, TimeScale scale, IReadOnlyList<LagSample> lag, double top)
    {
        var most = Math.Max(1, lag.Max(sample => sample.Bytes));
        var bottom = top + LagHeight - 10;
        double Y(long bytes) => bottom - bytes / (double)most * (LagHeight - 20);
        svg.Append($"<text class=\"label\" x=\"{Html.Number(Left - 12)}\" y=\"{Html.Number(bottom)}\">Lag</text>");
        svg.Append($"<line class=\"grid\" x1=\"{Html.Number(Left)}\" y1=\"{Html.Number(bottom)}\" x2=\"{Html.Number(Width - Right)}\" y2=\"{Html.Number(bottom)}\"/>");
        foreach (var stretch in Stretches(lag))
        {
            var points = string.Join(' ', stretch.Select(sample => $"{Html.Number(scale.X(sample.Time))},{Html.Number(Y(sample.Bytes))}"));
            var (first, last) = (Html.Number(scale.X(stretch[0].Time)), Html.Number(scale.X(stretch[^1].Time)));
            svg.Append($"<polygon class=\"lagarea\" points=\"{first},{Html.Number(bottom)} {points} {last},{Html.Number(bottom)}\"/>");
            svg.Append($"<polyline class=\"lagline\" points=\"{points}\"/>");
        }

        var peak = lag.MaxBy(sample => sample.Bytes)!;
        svg.Append($"<circle class=\"lagdot\" cx=\"{Html.Number(scale.X(peak.Time))}\" cy=\"{Html.Number(Y(peak.Bytes))}\" r=\"3\"/>");
        svg.Append($"<text class=\"value\" x=\"{Html.Number(scale.X(peak.Time) + 8)}\" y=\"{Html.Number(Y(peak.Bytes) + 4)}\">at most {Quantity.Text(most)}</text>");
    }
}
