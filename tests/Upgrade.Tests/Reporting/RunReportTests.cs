using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;
using StatefulDeploy.Reporting;

namespace StatefulDeploy.Upgrade.Tests.Reporting;

public sealed partial class RunReportTests
{
    private static readonly SampleJournal Journal = SampleJournal.Whole();
    private static readonly RunReport Report = RunReport.Of(SampleJournal.Summary(Journal), Journal.Entries);

    [Fact]
    public void Every_run_of_a_step_is_there_with_its_end()
    {
        Assert.Equal([StepOutcome.Undone, StepOutcome.Done], Report.Steps.Where(step => step.Name == "Fence").Select(step => step.Outcome));
        Assert.Equal([1, 2], Report.Steps.Where(step => step.Name == "CatchUp").Select(step => step.Attempt));
        var failed = Assert.Single(Report.Steps, step => step.Outcome == StepOutcome.Failed);
        Assert.Equal(("Drain", "Green had not applied the position within 30 s."), (failed.Name, failed.Message));
        Assert.All(Report.Steps, step => Assert.NotNull(step.Elapsed));
    }

    [Fact]
    public void A_window_is_cut_into_phases_without_gaps()
    {
        Assert.Equal([false, true], Report.Windows.Select(window => window.Committed));
        var window = Report.Windows[1];

        Assert.Equal(["Hold", "Fence", "Prove", "Position", "Drain", "Finalize", "Promote", "Commit", "Open", "Switch"], window.Phases.Select(phase => phase.Name));
        Assert.Equal(window.ClosedAt, window.Phases[0].StartedAt);
        Assert.Equal(window.OpenedAt, window.Phases[^1].EndedAt);
        Assert.All(window.Phases.Zip(window.Phases.Skip(1)), pair => Assert.Equal(pair.First.EndedAt, pair.Second.StartedAt));
        Assert.NotNull(window.ReadsMovedAt);
        Assert.Equal("Recover", Report.Windows[0].Phases[^1].Name);
    }

    [Fact]
    public void Facts_of_the_journal_arrive()
    {
        Assert.Equal(18, Report.Lag.Count);
        Assert.Equal(2, Report.Findings.Count);
        Assert.Equal(1_204_511, Report.Comparison!.ItemsCompared);
        Assert.Equal(["smoke", "peak"], Report.Suites.Select(suite => suite.Name));
        Assert.Equal(WayBackKind.Relay, Report.WayBack!.Kind);
        Assert.True(Report.Consent.Switch);
        Assert.Contains(Report.Notes, note => note.Text == "Blue takes writes again.");
    }

    [Fact]
    public void The_page_needs_nothing_outside_itself_and_runs_nothing()
    {
        var page = ReportPage.Render(Report);

        Assert.DoesNotMatch(OutsidePattern(), page);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;alert(1)", page, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme: dark", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_pictures_are_well_formed_and_stay_on_the_canvas()
    {
        var pictures = SvgPattern().Matches(ReportPage.Render(Report)).Select(match => XElement.Parse(match.Value)).ToList();

        Assert.Equal(3, pictures.Count);
        foreach (var bar in pictures.SelectMany(picture => picture.Descendants("rect")))
        {
            var (x, width) = ((double)bar.Attribute("x")!, (double)bar.Attribute("width")!);
            Assert.InRange(x, 0, 1080);
            Assert.InRange(x + width, 0, 1080);
        }
    }

    [Fact]
    public void A_pause_of_a_night_is_cut_out_of_the_axis()
    {
        Assert.Contains("in which nothing ran", ReportPage.Render(Report), StringComparison.Ordinal);
    }

    [Fact]
    public void The_document_reads_back()
    {
        var read = ModelJson.Read<RunReport>(ReportWriter.Json(Report));

        Assert.Equal(Report.Steps, read.Steps);
        Assert.Equal(Report.Upgrade, read.Upgrade with { Shards = Report.Upgrade.Shards });
        using var document = JsonDocument.Parse(ReportWriter.Json(Report));
        Assert.Equal(1, document.RootElement.GetProperty("schema").GetInt32());
        Assert.False(document.RootElement.GetProperty("green").TryGetProperty("nodes", out _));
    }

    [Fact]
    public void An_upgrade_that_has_only_begun_has_a_report_too()
    {
        var journal = new SampleJournal().Begin();
        journal.Add(JournalKind.Intent, "Preflight");

        var page = ReportPage.Render(RunReport.Of(SampleJournal.Summary(journal) with { Status = UpgradeStatus.Running, State = ClusterState.Serving, ClosedFor = null }, journal.Entries));

        Assert.Contains("unfinished", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_told_with_its_path()
    {
        var error = Assert.Throws<UpgradeException>(() => ReportWriter.Write(Report, "/proc/report.html", null));

        Assert.Equal("ReportNotWritten", error.ErrorId);
        Assert.Contains("/proc/report.html", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Both_files_are_written_into_folders_that_are_made()
    {
        var folder = Directory.CreateTempSubdirectory("sd-report-").FullName;
        try
        {
            ReportWriter.Write(Report, Path.Combine(folder, "a", "run.html"), Path.Combine(folder, "b", "run.json"));

            Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(Path.Combine(folder, "a", "run.html")), StringComparison.Ordinal);
            Assert.StartsWith("{", File.ReadAllText(Path.Combine(folder, "b", "run.json")), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [GeneratedRegex("(src|href)=|url\\(|@import|https?://", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex OutsidePattern();

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline, matchTimeoutMilliseconds: 5000)]
    private static partial Regex SvgPattern();
}
