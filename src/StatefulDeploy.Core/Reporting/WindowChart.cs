using System.Text;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Reporting;

/// <summary>Draws one closed window in milliseconds: who answered writes and reads, and what was done meanwhile.</summary>
internal static class WindowChart
{
    private const double Width = 1080;
    private const double Left = 120;
    private const double Right = 100;
    private const double LaneHeight = 26;
    private const double RowHeight = 22;
    private const double Top = 28;
    // What is shown before and after, as a share of the window: enough to see which cluster answered.
    private const double Margin = 0.08;

    internal static string Render(ReportWindow window)
    {
        var end = window.OpenedAt ?? (window.Phases.Count > 0 ? window.Phases[^1].EndedAt : window.ClosedAt);
        var margin = TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond / 4, (long)((end - window.ClosedAt).Ticks * Margin)));
        var (from, to) = (window.ClosedAt - margin, end + margin);
        var scale = new TimeScale([(from, to)], Left, Width - Left - Right);
        var lanes = Top + 2 * LaneHeight + 12;
        var height = lanes + window.Phases.Count * RowHeight + 6;
        var svg = new StringBuilder($"<svg viewBox=\"0 0 {Html.Number(Width)} {Html.Number(height)}\" role=\"img\" aria-label=\"The closed window in milliseconds\">");
        DrawAxis(svg, scale, window.ClosedAt, to, height - 6);
        DrawLanes(svg, scale, window, from, to, end);
        for (var i = 0; i < window.Phases.Count; i++)
            DrawPhase(svg, scale, window.Phases[i], lanes + i * RowHeight);
        return svg.Append("</svg>").ToString();
    }

    private static void DrawAxis(StringBuilder svg, TimeScale scale, DateTimeOffset origin, DateTimeOffset to, double bottom)
    {
        var milliseconds = (to - origin).TotalMilliseconds;
        double[] steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000];
        var step = steps.FirstOrDefault(step => milliseconds / step <= 10, 60_000);
        for (double at = 0; at <= milliseconds; at += step)
        {
            var x = Html.Number(scale.X(origin + TimeSpan.FromMilliseconds(at)));
            svg.Append($"<line class=\"grid\" x1=\"{x}\" y1=\"20\" x2=\"{x}\" y2=\"{Html.Number(bottom)}\"/><text class=\"tick\" x=\"{x}\" y=\"12\">{(at < 1000 ? $"{Html.Number(at)} ms" : Html.Duration(TimeSpan.FromMilliseconds(at)))}</text>");
        }
    }

    private static void DrawLanes(StringBuilder svg, TimeScale scale, ReportWindow window, DateTimeOffset from, DateTimeOffset to, DateTimeOffset end)
    {
        var (source, target) = window.Back ? ("green", "blue") : ("blue", "green");
        var after = window.Committed ? target : source;
        Lane(svg, "Writes", Top, [(from, window.ClosedAt, source, source), (window.ClosedAt, end, "held", $"held for {Html.Duration(end - window.ClosedAt)}"), (end, to, after, after)], scale);
        var moved = window.Committed ? window.ReadsMovedAt ?? end : to;
        Lane(svg, "Reads", Top + LaneHeight, [(from, moved, source, $"answered by {source}"), (moved, to, target, target)], scale);
    }

    private static void Lane(StringBuilder svg, string name, double y, IReadOnlyList<(DateTimeOffset From, DateTimeOffset To, string Class, string Text)> parts, TimeScale scale)
    {
        svg.Append($"<text class=\"label strong\" x=\"{Html.Number(Left - 12)}\" y=\"{Html.Number(y + 15)}\">{name}</text>");
        foreach (var (from, to, kind, text) in parts.Where(part => part.To > part.From))
        {
            var (x, width) = (scale.X(from), scale.X(to) - scale.X(from));
            svg.Append($"<rect class=\"lane {kind}\" x=\"{Html.Number(x)}\" y=\"{Html.Number(y)}\" width=\"{Html.Number(width)}\" height=\"{Html.Number(LaneHeight - 5)}\"><title>{Html.Text(text)}</title></rect>");
            if (width > 8 * text.Length)
                svg.Append($"<text class=\"inlane\" x=\"{Html.Number(x + width / 2)}\" y=\"{Html.Number(y + 15)}\">{Html.Text(text)}</text>");
        }
    }

    private static void DrawPhase(StringBuilder svg, TimeScale scale, ReportPhase phase, double y)
    {
        var x = scale.X(phase.StartedAt);
        var width = Math.Max(2, scale.X(phase.EndedAt) - x);
        var elapsed = Html.Duration(phase.EndedAt - phase.StartedAt);
        svg.Append($"<text class=\"label\" x=\"{Html.Number(Left - 12)}\" y=\"{Html.Number(y + 13)}\">{Html.Text(phase.Name)}</text>");
        svg.Append($"<rect class=\"bar closed\" x=\"{Html.Number(x)}\" y=\"{Html.Number(y + 3)}\" width=\"{Html.Number(width)}\" height=\"13\" rx=\"2\"><title>{Html.Text($"{phase.Name}: {Explain(phase.Name)}")}</title></rect>");
        svg.Append($"<text class=\"value\" x=\"{Html.Number(x + width + 8)}\" y=\"{Html.Number(y + 13)}\">{elapsed}</text>");
    }

    private static string Explain(string phase) => phase switch
    {
        "Hold" => "the router holds writes and waits for those in flight",
        "Fence" => "every node of the old cluster is closed",
        "Prove" => "a write that must fail fails, and the step is recorded",
        nameof(StepName.Position) => "the final position is read, only now",
        nameof(StepName.Drain) => "the new cluster has applied it",
        nameof(StepName.Finalize) => "what the stream does not carry",
        nameof(StepName.Promote) => "the new writers are primaries, still closed",
        nameof(StepName.Commit) => "the decision, on the writer's host",
        nameof(StepName.Open) => "reads move, then the new cluster opens",
        nameof(StepName.Switch) => "held writes go on at the new cluster",
        "Recover" => "the window ends without the switch",
        _ => phase,
    };
}
