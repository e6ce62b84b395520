using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;
using StatefulDeploy.Model;
using StatefulDeploy.Upgrade.Tests.Verification;

namespace StatefulDeploy.Upgrade.Tests.Reporting;

/// <summary>Journals written line by line, on a clock of their own.</summary>
internal sealed class SampleJournal
{
    private readonly List<JournalEntry> _entries = [];
    private DateTimeOffset _now = new(2026, 3, 14, 9, 26, 53, TimeSpan.Zero);

    public IReadOnlyList<JournalEntry> Entries => _entries;

    public bool Back { get; set; }

    /// <summary>An upgrade that failed once in its window, was resumed the next day, and went well.</summary>
    public static SampleJournal Whole()
    {
        var journal = new SampleJournal().Begin();
        journal.Goal("Switch").Step("Preflight", 420, ("findings", ModelJson.Write<IReadOnlyList<Finding>>([Finding.Warn("DirectClients", "orders-1", "2 clients are connected past the router: 10.0.0.7, 10.0.0.9 <script>alert(1)</script>.", "Point them at the router."), Finding.Inform("Backlog", "orders-1", "The backlog holds 64 MB.")])), ("wayBack", ModelJson.Write(new WayBack(WayBackKind.Relay, "An older blue follows by our relay."))))
            .Step("Lock", 35).Step("Snapshot", 2_900, ("snapshots", ModelJson.Write<IReadOnlyList<SnapshotRecord>>([new SnapshotRecord("s1", "/var/lib/statefuldeploy/orders/snapshots/orders-1", 734_003_200, journal._now, new Dictionary<string, string>())])))
            .Step("Provision", 1_340).Step("Replicate", 310);
        journal.CatchUp(14, 380_000_000).Step("Verify", 5_200, ("suites", ModelJson.Write<IReadOnlyList<SuiteResult>>([
            new SuiteResult { Name = "smoke", Passed = true, ExitCode = 0, Tests = 42, Failures = 0, Elapsed = TimeSpan.FromSeconds(1.4) },
            new SuiteResult { Name = "peak", Kind = SuiteKind.Load, Passed = true, ExitCode = 0, Elapsed = TimeSpan.FromSeconds(3), Ratios = new Dictionary<string, double> { ["p50"] = 0.94, ["p99"] = 1.08, ["throughput"] = 1.02 }, Notes = "Compared with peak on 7.0 (copy, 2026-03-01 10:00)." }])),
            ("comparison", ModelJson.Write(new ComparisonResult(1_204_511, 0, [], TimeSpan.FromSeconds(3.1))))).Step("Rehearse", 1_900);
        journal.Window(drain: 30_000, fails: true).Wait(TimeSpan.FromHours(16)).Goal("Everything");
        journal.CatchUp(4, 900_000).Step("Rehearse", 1_700).Window(drain: 2.1, fails: false);
        journal.Step("Soak", 12_000).Step("Retire", 800);
        journal.Add(JournalKind.State, "Retired");
        journal.Add(JournalKind.GoalEnd, "Everything");
        return journal;
    }

    public static UpgradeSummary Summary(SampleJournal journal) => new()
    {
        UpgradeId = "orders-20260314T092653Z",
        Service = "orders",
        Engine = "redis",
        Version = "7.0",
        TargetVersion = "8.0",
        State = ClusterState.Retired,
        Status = UpgradeStatus.Completed,
        Step = "Retire",
        StartedAt = journal._entries[0].Time,
        UpdatedAt = journal._entries[^1].Time,
        ClosedFor = TimeSpan.FromMilliseconds(7.9),
        Journal = "/var/lib/statefuldeploy/orders/upgrades/orders-20260314T092653Z.jsonl",
    };

    public SampleJournal Begin()
    {
        Add(JournalKind.Begin, "orders-1", null, ("strategy", "Mirror"), ("blue", ModelJson.Write(Scene.Layout(ClusterColour.Blue, "7.0", 7001))), ("green", ModelJson.Write(Scene.Layout(ClusterColour.Green, "8.0", 7101))), ("consent", ModelJson.Write(new UpgradeConsent { Switch = true })));
        return this;
    }

    public SampleJournal Goal(string name)
    {
        Add(JournalKind.Goal, name);
        return this;
    }

    public SampleJournal Wait(TimeSpan time)
    {
        _now += time;
        return this;
    }

    public SampleJournal Step(string name, double milliseconds, params (string Name, string Value)[] facts)
    {
        Add(JournalKind.Intent, name);
        Add(JournalKind.Done, name, null, facts, milliseconds);
        return this;
    }

    public SampleJournal CatchUp(int samples, long most)
    {
        Add(JournalKind.Intent, "CatchUp");
        for (var i = 0; i < samples; i++)
            Add(JournalKind.Sample, "lag", $"{(long)(most * Math.Sin(Math.PI * (i + 0.4) / samples)) + 2_000}", [], 1_000);
        Add(JournalKind.Done, "CatchUp", null, [], 200);
        return this;
    }

    public SampleJournal Window(double drain, bool fails)
    {
        Add(JournalKind.Intent, "Fence");
        Add(JournalKind.Sample, "closing", null, [], 38);
        Add(JournalKind.Sample, "held", null, [], 1.1);
        Add(JournalKind.Sample, "fenced", null, [], 1.6);
        Add(JournalKind.Done, "Fence", null, [], 0.5);
        Step("Position", 0.3);
        if (fails)
        {
            Add(JournalKind.Intent, "Drain");
            Add(JournalKind.Failed, "Drain", "Green had not applied the position within 30 s.", [], drain);
            Add(JournalKind.Sample, "opened", null, [], 4);
            foreach (var step in new[] { "Fence", "Position", "Drain" })
                Add(JournalKind.UndoDone, step);
            Add(JournalKind.Note, "Fence", "Blue takes writes again.");
            Add(JournalKind.GoalEnd, "Switch", "Green had not applied the position within 30 s.");
            return this;
        }

        Step("Drain", drain).Step("Finalize", 0.1).Step("Promote", 0.9).Step("Commit", 0.6).Step("Open", 0.8);
        Add(JournalKind.Intent, "Switch");
        Add(JournalKind.Sample, "opened", null, [], 0.4);
        Add(JournalKind.Done, "Switch", null, [("closedMs", "7.9")], 90);
        return this;
    }

    public void Add(JournalKind kind, string name, string? text = null, params (string Name, string Value)[] facts) => Add(kind, name, text, facts, 0.05);

    private void Add(JournalKind kind, string name, string? text, (string Name, string Value)[] facts, double milliseconds)
    {
        _now += TimeSpan.FromMilliseconds(milliseconds);
        _entries.Add(new JournalEntry { Kind = kind, Name = name, Text = text, Time = _now, Back = Back, Data = facts.Length == 0 ? null : facts.ToDictionary(fact => fact.Name, fact => fact.Value) });
    }
}
