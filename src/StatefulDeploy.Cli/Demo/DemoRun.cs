using StatefulDeploy.Contracts;
using StatefulDeploy.Load;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cli.Demo;

/// <summary>One demo: load on a service, the real upgrade by the same operations as everybody's, and the reckoning.</summary>
internal sealed class DemoRun(IDemoEngine engine, IUpgradeOperations operations, DemoService demo, DemoOptions options, IReporter reporter)
{
    // Enough that every gap shows, and that two cores are not busy with the load alone.
    private const double WritesPerSecond = 250;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    private static readonly UpgradeStretch[] BeforeSwitch = [UpgradeStretch.NewGreen, UpgradeStretch.StartReplication, UpgradeStretch.WaitReplication, UpgradeStretch.Verify];

    private readonly UpgradeRequest _request = new() { Path = demo.Service.Path, Strategy = options.Strategy, Consent = new UpgradeConsent { Switch = true, AllowOneWay = !options.Undo } };

    /// <summary>The load; for the figures on the screen.</summary>
    public Ledger Ledger { get; } = new(engine.Ledger(demo.Router), new LedgerOptions
    {
        Writers = options.Clients,
        Readers = options.Readers,
        WritesPerSecond = WritesPerSecond,
        ReadsPerSecond = WritesPerSecond,
    });

    public async Task<DemoResult> RunAsync(CancellationToken cancellationToken)
    {
        await using var ledger = Ledger;
        Tell("Load", $"{options.Clients} clients write and {options.Readers} read through the {demo.Service.Router.Kind}.");
        await ledger.StartAsync(cancellationToken);
        await Task.Delay(WarmUp, cancellationToken);
        var quiet = await MarkAsync(() => Task.Delay(options.Load / 2, cancellationToken));

        foreach (var stretch in BeforeSwitch)
            await operations.RunAsync(stretch, _request, reporter, cancellationToken);
        StatefulCluster cluster = null!;
        var switching = await MarkAsync(async () => cluster = await operations.RunAsync(UpgradeStretch.Switch, _request, reporter, cancellationToken));
        await Task.Delay(options.Load / 2, cancellationToken);
        LedgerInterval? undoing = options.Undo ? await MarkAsync(() => operations.UndoAsync(_request, reporter, cancellationToken)) : null;

        await ledger.StopAsync();
        var live = options.Undo ? cluster.Blue : cluster.Green!;
        Tell("Check", $"Every acknowledged write is looked for on {live.Colour.ToString().ToLowerInvariant()}, past the {demo.Service.Router.Kind}.");
        var verdict = await ledger.VerifyAsync(engine.Ledger(live.Writer.Endpoint), cancellationToken);
        if (!options.Undo)
            await operations.RunAsync(UpgradeStretch.Retire, _request, reporter, cancellationToken);

        await operations.ExportReportAsync(_request with { UpgradeId = cluster.UpgradeId }, options.Report, jsonPath: null, cancellationToken);
        return Reckon(verdict, cluster, quiet, switching, undoing);
    }

    private async Task<LedgerInterval> MarkAsync(Func<Task> act)
    {
        var from = Ledger.Now;
        await act();
        return new LedgerInterval(from, Ledger.Now);
    }

    private DemoResult Reckon(LedgerVerdict verdict, StatefulCluster cluster, LedgerInterval quiet, LedgerInterval switching, LedgerInterval? undoing)
    {
        var totals = Ledger.Totals();
        var gap = GapSummary.Of(Ledger.WriteGaps(switching));
        return new DemoResult
        {
            Engine = engine.Name,
            From = engine.From,
            To = engine.To,
            Clients = options.Clients,
            Keys = options.Keys,
            Acked = totals.Acknowledged,
            Lost = verdict.Lost,
            Duplicated = verdict.Duplicated,
            Damaged = verdict.Phantoms + verdict.Torn + verdict.Reordered + verdict.Damaged + totals.CounterAnomalies,
            Reads = totals.Reads,
            FailedReads = totals.FailedReads + totals.MissingReads + totals.StaleReads + totals.WrongReads,
            FailedWrites = totals.FailedWrites,
            Indeterminate = totals.Indeterminate,
            DroppedConnections = totals.DroppedConnections,
            GapMs = gap.Max,
            GapP50Ms = gap.P50,
            ReadGapMs = GapSummary.Of(Ledger.ReadGaps(switching)).Max,
            NoiseGapMs = GapSummary.Of(Ledger.WriteGaps(quiet)).Max,
            ClosedMs = cluster.ClosedFor?.TotalMilliseconds,
            UndoGapMs = undoing is { } interval ? GapSummary.Of(Ledger.WriteGaps(interval)).Max : null,
            Report = options.Report,
            Findings = [.. totals.Examples, .. verdict.Examples],
        };
    }

    private void Tell(string step, string message) => reporter.Report(new ReportEvent(ReportLevel.Information, message) { Step = step });
}
