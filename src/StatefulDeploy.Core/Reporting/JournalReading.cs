using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Reporting;

/// <summary>Adds the lines of a journal up to a report.</summary>
internal sealed class JournalReading(IReadOnlyList<JournalEntry> entries)
{
    internal RunReport Read(UpgradeSummary upgrade)
    {
        var state = UpgradeState.Of(upgrade.UpgradeId, entries);
        return new RunReport
        {
            Upgrade = upgrade,
            Strategy = state.Fact(FactName.Strategy) ?? string.Empty,
            Blue = state.Fact<ClusterLayout>(FactName.Blue),
            Green = state.Fact<ClusterLayout>(FactName.Green),
            Steps = ReadSteps(),
            Windows = ReadWindows(),
            Lag = [.. entries.Where(entry => entry is { Kind: JournalKind.Sample, Name: "lag", Text: not null })
                .Select(entry => new LagSample(entry.Time, long.Parse(entry.Text!, CultureInfo.InvariantCulture)))],
            Findings = state.Fact<IReadOnlyList<Finding>>(FactName.Findings) ?? [],
            Suites = state.Fact<IReadOnlyList<SuiteResult>>(FactName.Suites) ?? [],
            Comparison = state.Fact<ComparisonResult>(FactName.Comparison),
            Snapshots = state.Fact<IReadOnlyList<SnapshotRecord>>(FactName.Snapshots) ?? [],
            Consent = state.Fact<UpgradeConsent>(FactName.Consent) ?? new UpgradeConsent(),
            WayBack = state.Fact<WayBack>(FactName.WayBack),
            Notes = [.. entries.Select(ReadNote).OfType<ReportNote>()],
        };
    }

    private List<ReportStep> ReadSteps()
    {
        var steps = new List<ReportStep>();
        foreach (var entry in entries.Where(entry => entry.Name is not null))
        {
            var last = steps.FindLastIndex(step => step.Name == entry.Name && step.Back == entry.Back);
            if (entry.Kind == JournalKind.Intent)
                steps.Add(new ReportStep(entry.Name!, entry.Back, last < 0 ? 1 : steps[last].Attempt + 1, entry.Time, EndedAt: null, StepOutcome.Unfinished, string.Empty));
            else if (last >= 0)
                steps[last] = End(steps[last], entry);
        }

        return steps;
    }

    private static ReportStep End(ReportStep step, JournalEntry entry) => (entry.Kind, step.Outcome) switch
    {
        (JournalKind.Done, StepOutcome.Unfinished) => step with { EndedAt = entry.Time, Outcome = StepOutcome.Done },
        (JournalKind.Failed, StepOutcome.Unfinished) => step with { EndedAt = entry.Time, Outcome = StepOutcome.Failed, Message = entry.Text ?? string.Empty },
        (JournalKind.UndoDone, StepOutcome.Done or StepOutcome.Unfinished) => step with { EndedAt = step.EndedAt ?? entry.Time, Outcome = StepOutcome.Undone },
        _ => step,
    };

    private List<ReportWindow> ReadWindows()
    {
        var windows = new List<ReportWindow>();
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i] is { Kind: JournalKind.Sample, Name: MarkName.Closing })
                windows.Add(ReadWindow(i));
        }

        return windows;
    }

    private ReportWindow ReadWindow(int closing)
    {
        var inside = entries.Skip(closing).TakeWhile((entry, index) => index == 0 || entry is not { Kind: JournalKind.Sample, Name: MarkName.Closing }).ToList();
        var opened = inside.FindIndex(entry => entry is { Kind: JournalKind.Sample, Name: MarkName.Opened });
        var until = opened < 0 ? inside : inside.Take(opened + 1).ToList();
        return new ReportWindow(
            entries[closing].Back,
            entries[closing].Time,
            opened < 0 ? null : inside[opened].Time,
            until.Exists(entry => entry is { Kind: JournalKind.Done, Name: nameof(StepName.Commit) }),
            until.Find(entry => entry is { Kind: JournalKind.Intent, Name: nameof(StepName.Open) })?.Time,
            Phases(until));
    }

    /// <summary>Cuts a window at its marks and at the beginnings of its steps.</summary>
    private static List<ReportPhase> Phases(List<JournalEntry> window)
    {
        var cuts = window.Select(entry => (entry.Time, Name: NameOfPhaseAt(entry))).Where(cut => cut.Name is not null).ToList();
        return [.. cuts.Zip(cuts.Skip(1), (from, to) => new ReportPhase(from.Name!, from.Time, to.Time))];
    }

    private static string? NameOfPhaseAt(JournalEntry entry) => entry switch
    {
        { Kind: JournalKind.Sample, Name: MarkName.Closing } => "Hold",
        { Kind: JournalKind.Sample, Name: MarkName.Held } => "Fence",
        { Kind: JournalKind.Sample, Name: MarkName.Fenced } => "Prove",
        { Kind: JournalKind.Sample, Name: MarkName.Opened } => "End",
        { Kind: JournalKind.Failed } => "Recover",
        { Kind: JournalKind.Intent, Name: { } step } => step,
        _ => null,
    };

    private static ReportNote? ReadNote(JournalEntry entry) => entry.Kind switch
    {
        JournalKind.Note => new ReportNote(entry.Time, entry.Name ?? string.Empty, entry.Text ?? string.Empty),
        JournalKind.Failed => new ReportNote(entry.Time, entry.Name ?? string.Empty, $"Failed: {entry.Text}"),
        JournalKind.Goal => new ReportNote(entry.Time, string.Empty, $"Asked for: {entry.Name}."),
        JournalKind.State => new ReportNote(entry.Time, string.Empty, $"State: {entry.Name}{(entry.Text is { Length: > 0 } text ? $" ({text})" : string.Empty)}."),
        _ => null,
    };
}
