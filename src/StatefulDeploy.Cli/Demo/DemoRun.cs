using StatefulDeploy.Contracts;
using StatefulDeploy.Load;
using StatefulDeploy.Model;

namespace StatefulDeploy.Cli.Demo;

/// <summary>One demo: load on a service, the real upgrade by the same operations as everybody's, and the reckoning.</summary>
internal sealed class DemoRun(IDemoEngine engine, IUpgradeOperations operations, DemoService demo, DemoOptions options, IReporter reporter) : IAsyncDisposable
{
    // Enough that every gap shows, and that two cores are not busy with the load alone.
    private const double WritesPerSecond = 250;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    private static readonly UpgradeStretch[] BeforeSwitch = [UpgradeStretch.NewGreen, UpgradeStretch.StartReplication, UpgradeStretch.WaitReplication, UpgradeStretch.Verify];

    private readonly UpgradeRequest _request = new() { Path = demo.Service.Path, Strategy = options.Strategy, Consent = new UpgradeConsent { Switch = true, AllowOneWay = !options.Undo } };

    private readonly IReadOnlyList<Ledger> _ledgers = [.. demo.Routers.Select(router => new Ledger(engine.Ledger(router), new LedgerOptions
    {
        Writers = options.OfShard.Clients,
        Readers = options.OfShard.Readers,
        WritesPerSecond = WritesPerSecond,
        ReadsPerSecond = WritesPerSecond,
    }))];

    private bool IsSharded => demo.Service.Parts.Count > 0;

    /// <summary>What the clients have seen so far; for the figures on the screen.</summary>
    public LedgerTotals Totals() => LedgerTotals.Of([.. _ledgers.Select(ledger => ledger.Totals())]);

    public async Task<DemoResult> RunAsync(CancellationToken cancellationToken)
    {
        Tell("Load", $"{options.OfShard.Clients} clients write and {options.OfShard.Readers} read through {(IsSharded ? "each shard's" : "the")} {demo.Service.Router.Kind}.");
        await Task.WhenAll(_ledgers.Select(ledger => ledger.StartAsync(cancellationToken)));
        await Task.Delay(WarmUp, cancellationToken);
        var quiet = await MarkAsync(() => Task.Delay(options.Load / 2, cancellationToken));

        foreach (var stretch in IsSharded ? [] : BeforeSwitch)
            await operations.RunAsync(stretch, _request, reporter, cancellationToken);
        StatefulCluster cluster = null!;
        var switching = await MarkAsync(async () => cluster = await SwitchAsync(cancellationToken));
        await Task.Delay(options.Load / 2, cancellationToken);
        LedgerInterval? undoing = options.Undo ? await MarkAsync(() => operations.UndoAsync(_request, reporter, cancellationToken)) : null;

        await Task.WhenAll(_ledgers.Select(ledger => ledger.StopAsync()));
        var verdict = await CheckAsync(options.Undo ? cluster.Blue : cluster.Green!, cancellationToken);
        if (!options.Undo)
            await operations.RunAsync(IsSharded ? UpgradeStretch.Everything : UpgradeStretch.Retire, _request, reporter, cancellationToken);

        await operations.ExportReportAsync(_request with { UpgradeId = cluster.UpgradeId }, options.Report, jsonPath: null, cancellationToken);
        return Reckon(verdict, cluster, quiet, switching, undoing);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var ledger in _ledgers)
            await ledger.DisposeAsync();
    }

    private Task<StatefulCluster> SwitchAsync(CancellationToken cancellationToken) => IsSharded
        ? operations.RunAsync(UpgradeStretch.Everything, _request with { Until = UpgradeStretch.Switch }, reporter, cancellationToken)
        : operations.RunAsync(UpgradeStretch.Switch, _request, reporter, cancellationToken);

    private async Task<LedgerVerdict> CheckAsync(ClusterLayout live, CancellationToken cancellationToken)
    {
        Tell("Check", $"Every acknowledged write is looked for on {live.Colour.ToString().ToLowerInvariant()}, past the {demo.Service.Router.Kind}.");
        var verdicts = await Task.WhenAll(_ledgers.Zip(live.Primaries, (ledger, writer) => ledger.VerifyAsync(engine.Ledger(writer.Endpoint), cancellationToken)));
        return LedgerVerdict.Of(verdicts);
    }

    private async Task<LedgerInterval> MarkAsync(Func<Task> act)
    {
        var from = _ledgers[0].Now;
        await act();
        return new LedgerInterval(from, _ledgers[0].Now);
    }

    private double LongestGap(LedgerInterval interval) => WriteGaps(interval).Max;

    private GapSummary WriteGaps(LedgerInterval interval) => GapSummary.Of([.. _ledgers.SelectMany(ledger => ledger.WriteGaps(interval))]);

    private DemoResult Reckon(LedgerVerdict verdict, StatefulCluster cluster, LedgerInterval quiet, LedgerInterval switching, LedgerInterval? undoing)
    {
        var totals = Totals();
        var gap = WriteGaps(switching);
        return new DemoResult
        {
            Engine = engine.Name,
            From = engine.From,
            To = engine.To,
            Strategy = options.Strategy.ToString(),
            Shards = _ledgers.Count,
            Clients = options.OfShard.Clients * _ledgers.Count,
            Keys = options.OfShard.Keys * _ledgers.Count,
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
            ReadGapMs = GapSummary.Of([.. _ledgers.SelectMany(ledger => ledger.ReadGaps(switching))]).Max,
            NoiseGapMs = LongestGap(quiet),
            ClosedMs = cluster.ClosedFor?.TotalMilliseconds,
            UndoGapMs = undoing is { } interval ? LongestGap(interval) : null,
            Report = options.Report,
            Findings = [.. totals.Examples, .. verdict.Examples],
        };
    }

    private void Tell(string step, string message) => reporter.Report(new ReportEvent(ReportLevel.Information, message) { Step = step });
}
