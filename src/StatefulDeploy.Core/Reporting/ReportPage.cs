using System.Text;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Reporting;

/// <summary>The report as one HTML file that needs nothing else.</summary>
public static class ReportPage
{
    /// <summary>The page.</summary>
    public static string Render(RunReport report)
    {
        var upgrade = report.Upgrade;
        var page = new StringBuilder();
        page.Append($"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{Html.Text($"{upgrade.Service}: {upgrade.Engine} {upgrade.Version} to {upgrade.TargetVersion}")}</title>\n<style>\n{ReportStyle.Css}\n</style>\n</head>\n<body>\n<main>\n");
        AppendHead(page, report);
        AppendBody(page, report);
        foreach (var shard in report.Shards)
            AppendShard(page, shard);
        page.Append($"<footer>Written by StatefulDeploy from the journal <code>{Html.Text(upgrade.Journal)}</code>. Times are UTC.</footer>\n</main>\n</body>\n</html>\n");
        return page.ToString();
    }

    private static void AppendBody(StringBuilder page, RunReport report)
    {
        AppendTiles(page, report);
        ReportTables.AppendShards(page, report);
        AppendTimeline(page, report);
        AppendWindows(page, report);
        ReportTables.AppendVerification(page, report);
        ReportTables.AppendFindings(page, report);
        ReportTables.AppendClusters(page, report);
        ReportTables.AppendDecisions(page, report);
        ReportTables.AppendSteps(page, report);
        ReportTables.AppendNotes(page, report);
    }

    private static void AppendShard(StringBuilder page, RunReport report)
    {
        page.Append($"<details>\n<summary>Shard {Html.Text(report.Shard)} <span class=\"badge {BadgeOf(report.Upgrade)}\">{Html.Text(Verdict(report.Upgrade))}</span></summary>\n");
        page.Append($"<div class=\"sub\">{Html.Text(report.Upgrade.UpgradeId)} · journal <code>{Html.Text(report.Upgrade.Journal)}</code></div>\n");
        AppendBody(page, report);
        page.Append("</details>\n");
    }

    private static void AppendHead(StringBuilder page, RunReport report)
    {
        var upgrade = report.Upgrade;
        page.Append($"<header>\n<h1>{Html.Text(upgrade.Service)}: {Html.Text(upgrade.Engine)} {Html.Text(upgrade.Version)} <span class=\"arrow\">→</span> {Html.Text(upgrade.TargetVersion)}</h1>\n");
        page.Append($"<span class=\"badge {BadgeOf(upgrade)}\">{Html.Text(Verdict(upgrade))}</span>\n");
        page.Append($"<div class=\"sub\">{Html.Time(upgrade.StartedAt)} · {Html.Text(upgrade.UpgradeId)} · {Html.Text(report.Strategy)}</div>\n");
        if (upgrade.Message.Length > 0)
            page.Append($"<div class=\"sub\"><span class=\"bad-text\">{Html.Text(upgrade.Message)}</span></div>\n");
        page.Append("</header>\n");
    }

    private static string Verdict(UpgradeSummary upgrade) => upgrade.Status switch
    {
        UpgradeStatus.Completed => "completed",
        UpgradeStatus.Undone => "undone",
        UpgradeStatus.Failed => $"failed at {upgrade.Step}",
        UpgradeStatus.Running => $"running, {upgrade.State}",
        _ when upgrade.State == ClusterState.Switched => "switched, blue not retired yet",
        _ => $"stopped, {upgrade.State}",
    };

    private static string BadgeOf(UpgradeSummary upgrade) => upgrade switch
    {
        { Status: UpgradeStatus.Failed } => "bad",
        { Status: UpgradeStatus.Completed } or { State: ClusterState.Switched } => "good",
        { Status: UpgradeStatus.Undone } => "warn",
        _ => string.Empty,
    };

    private static void AppendTiles(StringBuilder page, RunReport report)
    {
        page.Append("<div class=\"tiles\">\n");
        if (report.Upgrade.ClosedFor is { } closed)
            Tile(page, "main", Html.Duration(closed), report.Shards.Count > 0 ? "writes of a shard waited at most" : "writes waited at the switch");
        Tile(page, string.Empty, Html.Duration(report.Upgrade.UpdatedAt - report.Upgrade.StartedAt), "from first to last line");
        if (report.Comparison is { } comparison)
            Tile(page, string.Empty, $"{Html.Count(comparison.Differences)} of {Html.Count(comparison.ItemsCompared)}", "items differed");
        if (report.Suites.Count > 0)
            Tile(page, string.Empty, $"{report.Suites.Count(suite => suite.Passed)} of {report.Suites.Count}", "suites passed");
        if (report.Lag.Count > 0)
            Tile(page, string.Empty, Quantity.Text(report.Lag[^1].Bytes), "lag when it was caught up");
        if (report.WayBack is { } wayBack)
            Tile(page, string.Empty, wayBack.Exists ? Html.Text(wayBack.Kind.ToString()) : "none", "way back after the switch");
        page.Append("</div>\n");
    }

    private static void Tile(StringBuilder page, string kind, string value, string name) =>
        page.Append($"<div class=\"tile {kind}\"><b>{value}</b><span>{name}</span></div>\n");

    private static void AppendTimeline(StringBuilder page, RunReport report)
    {
        page.Append("<section>\n<h2>Timeline</h2>\n<p class=\"legend\">");
        if (report.Shards.Count == 0)
            page.Append(Legend("before", "nothing that clients notice")).Append(Legend("closed", "writes wait")).Append(Legend("after", "after the switch"));
        else
            page.Append(Legend("before", "a shard from its beginning to its end"));
        if (report.Steps.Any(step => step.Outcome == StepOutcome.Failed))
            page.Append(Legend("bad", "failed"));
        if (report.Steps.Any(step => step.Outcome == StepOutcome.Undone))
            page.Append(Legend("undone", "undone"));
        page.Append("</p>\n").Append(TimelineChart.Render(report)).Append("\n</section>\n");
    }

    private static string Legend(string colour, string text) => $"<span><i style=\"background: var(--{colour})\"></i>{text}</span>";

    private static void AppendWindows(StringBuilder page, RunReport report)
    {
        foreach (var window in report.Windows)
        {
            var end = window.Committed ? "ended with the switch" : "ended without a switch";
            page.Append($"<section>\n<h2>{(window.Back ? "The closed window of the way back" : "The closed window")}: {Html.Duration(window.ClosedFor)}</h2>\n");
            page.Append($"<p class=\"legend\"><span>{Html.Clock(window.ClosedAt)}, {end}</span>{Legend("blue", "blue answers")}{Legend("held", "held at the router")}{Legend("green", "green answers")}</p>\n");
            page.Append(WindowChart.Render(window)).Append("\n</section>\n");
        }
    }
}
