using System.Text;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Reporting;

/// <summary>The parts of the page that are tables.</summary>
internal static class ReportTables
{
    internal static void AppendVerification(StringBuilder page, RunReport report)
    {
        if (report.Suites.Count == 0 && report.Comparison is null && report.Consent.SkipVerificationReason is null)
            return;

        Begin(page, "Verification", "What", "Result", "Tests", "Took", "Notes");
        if (report.Consent.SkipVerificationReason is { } reason)
            Row(page, Cell("skipped"), Verdict("warn", "skipped"), Cell(string.Empty), Cell(string.Empty), Wrapped(reason));
        foreach (var suite in report.Suites)
            Row(page, Cell($"{suite.Name} ({suite.Kind.ToString().ToLowerInvariant()})"), Verdict(suite.Passed ? "good" : "bad", suite.Passed ? "passed" : "failed"), Cell(TestsOf(suite)), Number(Html.Duration(suite.Elapsed)), Wrapped(NotesOf(suite)));
        if (report.Comparison is { } comparison)
            Row(page, Cell("all data compared"), Verdict(comparison.Passed ? "good" : "bad", comparison.Passed ? "the same" : "different"), Cell($"{Html.Count(comparison.ItemsCompared)} items"), Number(Html.Duration(comparison.Elapsed)), Wrapped(string.Join('\n', comparison.Details.Select(detail => $"{detail.Item}: {detail.Kind}, blue {detail.Source}, green {detail.Target}"))));
        End(page);
    }

    internal static void AppendShards(StringBuilder page, RunReport report)
    {
        if (report.Upgrade.Shards.Count == 0)
            return;

        Begin(page, "Shards", "Shard", "State", "Serves", "Last step", "Writes waited", "Upgrade", "Message");
        foreach (var shard in report.Upgrade.Shards)
        {
            var colour = shard.Status switch { UpgradeStatus.Failed => "bad", UpgradeStatus.Completed => "good", null => string.Empty, _ => shard.State == ClusterState.Switched ? "good" : "warn" };
            Row(page, Cell(shard.Shard), Verdict(colour, shard.Status is null ? "not begun" : $"{shard.Status}, {shard.State}"), Cell($"{shard.Live.ToString().ToLowerInvariant()} ({shard.Version})"), Cell(shard.Step), Number(shard.ClosedFor is null ? string.Empty : Html.Duration(shard.ClosedFor)), Cell(shard.UpgradeId ?? string.Empty), Wrapped(shard.Message));
        }

        End(page);
    }

    internal static void AppendFindings(StringBuilder page, RunReport report)
    {
        if (report.Findings.Count == 0)
            return;

        Begin(page, "Findings before the start", "Severity", "About", "Finding", "Remedy");
        foreach (var finding in report.Findings.OrderByDescending(finding => finding.Severity))
        {
            var colour = finding.Severity switch { FindingSeverity.Refuse => "bad", FindingSeverity.Warning => "warn", _ => string.Empty };
            Row(page, Verdict(colour, finding.Severity.ToString().ToLowerInvariant()), Cell(finding.Subject), Wrapped($"{finding.Message} ({finding.Code})"), Wrapped(finding.Remedy));
        }

        End(page);
    }

    internal static void AppendClusters(StringBuilder page, RunReport report)
    {
        Begin(page, "Clusters", "Cluster", "Version", "Shard", "Node", "Role", "Endpoint");
        foreach (var layout in new[] { report.Blue, report.Green }.OfType<ClusterLayout>())
        {
            foreach (var (shard, node) in layout.Shards.SelectMany(shard => shard.Nodes.Select(node => (shard, node))))
                Row(page, Cell(layout.Colour.ToString().ToLowerInvariant()), Cell(layout.Version), Cell(shard.Name), Cell(node.Name), Cell(node.Role.ToString().ToLowerInvariant()), Cell(node.Endpoint.ToString()));
        }

        End(page);
    }

    internal static void AppendDecisions(StringBuilder page, RunReport report)
    {
        Begin(page, "Decisions and copies", "What", "Answer");
        Row(page, Cell("switch confirmed"), Cell(report.Consent.Switch ? "yes" : "no"));
        if (report.WayBack is { } wayBack)
            Row(page, Cell("way back"), Wrapped($"{wayBack.Kind}: {wayBack.Explanation}{(report.Consent.AllowOneWay ? " One way was consented to." : string.Empty)}"));
        if (report.Consent.AllowLoadOnBlue)
            Row(page, Cell("load on live blue"), Cell("consented to"));
        foreach (var snapshot in report.Snapshots)
            Row(page, Cell("snapshot"), Wrapped($"{snapshot.Folder} ({Quantity.Text(snapshot.Bytes)}, {Html.Time(snapshot.TakenAt)})"));
        End(page);
    }

    internal static void AppendSteps(StringBuilder page, RunReport report)
    {
        Begin(page, "Steps", "Step", "Attempt", "Began", "Took", "Outcome", "Message");
        foreach (var step in report.Steps)
        {
            var colour = step.Outcome switch { StepOutcome.Done => "good", StepOutcome.Failed => "bad", _ => "warn" };
            Row(page, Cell(step.Back ? $"{step.Name} ↩" : step.Name), Cell($"{step.Attempt}"), Number(Html.Clock(step.StartedAt)), Number(Html.Duration(step.Elapsed)), Verdict(colour, step.Outcome.ToString().ToLowerInvariant()), Wrapped(step.Message));
        }

        End(page);
    }

    internal static void AppendNotes(StringBuilder page, RunReport report)
    {
        if (report.Notes.Count == 0)
            return;

        Begin(page, "Events", "Time", "Step", "What");
        foreach (var note in report.Notes)
            Row(page, Number(Html.Clock(note.Time)), Cell(note.Step), Wrapped(note.Text));
        End(page);
    }

    private static string TestsOf(SuiteResult suite) => suite.Tests is { } tests ? $"{tests - suite.Failures} of {tests}" : suite.ExitCode is { } code ? $"exit code {code}" : string.Empty;

    private static string NotesOf(SuiteResult suite)
    {
        var ratios = string.Join(", ", suite.Ratios.Select(ratio => $"{ratio.Key} {Html.Number(ratio.Value)}×"));
        return string.Join('\n', new[] { ratios, suite.Notes }.Where(part => part.Length > 0));
    }

    private static void Begin(StringBuilder page, string title, params string[] columns) =>
        page.Append($"<section>\n<h2>{title}</h2>\n<table>\n<tr>{string.Concat(columns.Select(column => $"<th>{column}</th>"))}</tr>\n");

    private static void End(StringBuilder page) => page.Append("</table>\n</section>\n");

    private static void Row(StringBuilder page, params string[] cells) => page.Append("<tr>").Append(string.Concat(cells)).Append("</tr>\n");

    private static string Cell(string text) => $"<td>{Html.Text(text)}</td>";

    private static string Number(string text) => $"<td class=\"num\">{Html.Text(text)}</td>";

    private static string Wrapped(string text) => $"<td class=\"wrap\">{Html.Text(text)}</td>";

    private static string Verdict(string colour, string text) => $"<td><span class=\"{colour}-text\">{Html.Text(text)}</span></td>";
}
