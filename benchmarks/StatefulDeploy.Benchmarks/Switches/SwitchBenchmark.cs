using System.Globalization;
using StatefulDeploy.Benchmarks.Results;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Load;

namespace StatefulDeploy.Benchmarks.Switches;

/// <summary>
/// The write gap of a way to switch: each client's longest time between two acknowledgements around the switch, percentiles
/// over all clients of all switches. Every switch starts from new servers.
/// </summary>
public sealed class SwitchBenchmark(ISwitch way) : IBenchmark
{
    private const string Group = "Switching under load";

    private static readonly TimeSpan Before = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(1);

    public string Name => way.Name;

    public string Title => way.Title;

    public string? WhyNot => ServerCatalog.WhyMissing(way.Servers);

    public async IAsyncEnumerable<ResultLine> RunAsync(Arguments arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        foreach (var clients in arguments.Clients)
        {
            var switches = new List<SwitchOutcome>();
            for (var i = 0; i < arguments.Switches; i++)
            {
                switches.Add(await SwitchOnceAsync(clients, arguments));
            }

            yield return Summarize(clients, RateOf(clients, arguments.Rate), switches);
        }
    }

    /// <summary>
    /// One client writes as fast as it is answered; many are paced, so that what is measured is the switch and not a machine
    /// that two cores' worth of clients saturate. A paced client's gap includes its pause, which the run without a switch shows.
    /// </summary>
    private static LedgerOptions Load(int clients, int? rate, IReadOnlyList<string> reconnectOn) => new()
    {
        Writers = clients,
        Readers = Math.Min(clients, 16),
        WritesPerSecond = RateOf(clients, rate),
        ReadsPerSecond = 100,
        Kinds = LedgerWriteKinds.Counter | LedgerWriteKinds.Record | LedgerWriteKinds.List,
        ReconnectOn = reconnectOn,
    };

    private static int RateOf(int clients, int? rate) => rate ?? clients switch { 1 => 0, <= 20 => 200, <= 100 => 100, _ => 10 };

    private async Task<SwitchOutcome> SwitchOnceAsync(int clients, Arguments arguments)
    {
        await using var bed = new TestBed();
        var prepared = await way.PrepareAsync(bed);
        var ledger = await bed.StartLedgerAsync(prepared.Clients, Load(clients, arguments.Rate, prepared.ReconnectOn));
        await Task.Delay(Before);
        var from = ledger.Now;
        await prepared.SwitchAsync();
        var switched = ledger.Now;
        // A client that reconnects is heard again only some time after the switch is done.
        await Task.Delay(After);
        await ledger.StopAsync();
        var interval = new LedgerInterval(from, switched);
        return new SwitchOutcome(ledger.WriteGaps(interval), ledger.WriteWaits(interval), ledger.ReadGaps(interval), ledger.Totals(), await ledger.VerifyAsync(prepared.Afterwards))
        {
            ClosedFor = prepared.Window is { } window ? window.To - window.From : null,
            WindowGaps = prepared.Window is { } closed ? ledger.WriteGaps(new LedgerInterval(ToLedger(ledger, closed.From), ToLedger(ledger, closed.To))) : [],
        };
    }

    private static long ToLedger(Ledger ledger, DateTimeOffset at) =>
        ledger.Now - (long)((TimeProvider.System.GetUtcNow() - at).TotalSeconds * TimeProvider.System.TimestampFrequency);

    private ResultLine Summarize(int clients, int rate, IReadOnlyList<SwitchOutcome> switches)
    {
        var writes = GapSummary.Of([.. switches.SelectMany(outcome => outcome.WriteGaps)]);
        var waits = GapSummary.Of([.. switches.SelectMany(outcome => outcome.WriteWaits)]);
        var reads = GapSummary.Of([.. switches.SelectMany(outcome => outcome.ReadGaps)]);
        var line = ResultLine.Of(
            Name,
            Group,
            new Dictionary<string, string> { ["clients"] = clients.ToString(CultureInfo.InvariantCulture), ["writes/s each"] = rate == 0 ? "unpaced" : rate.ToString(CultureInfo.InvariantCulture), ["switches"] = switches.Count.ToString(CultureInfo.InvariantCulture) },
            new Dictionary<string, double>
            {
                ["write gap p50 ms"] = writes.P50,
                ["p99 ms"] = writes.P99,
                ["worst ms"] = writes.Max,
                ["longest wait p50 ms"] = waits.P50,
                ["wait p99 ms"] = waits.P99,
                ["wait worst ms"] = waits.Max,
                ["read gap p99 ms"] = reads.P99,
                ["failed writes"] = switches.Sum(outcome => outcome.Totals.FailedWrites),
                ["failed reads"] = switches.Sum(outcome => outcome.Totals.FailedReads),
                ["wrong reads"] = switches.Sum(outcome => outcome.Totals.MissingReads + outcome.Totals.StaleReads + outcome.Totals.WrongReads),
                ["drops"] = switches.Sum(outcome => outcome.Totals.DroppedConnections),
                ["reconnects"] = switches.Sum(outcome => outcome.Totals.Reconnects),
                ["acked"] = switches.Sum(outcome => outcome.Totals.Acknowledged),
                ["lost"] = switches.Sum(outcome => outcome.Verdict.Lost),
                ["duplicated"] = switches.Sum(outcome => outcome.Verdict.Duplicated),
            });
        return switches.Any(outcome => outcome.ClosedFor is null) ? line : line with { Figures = new Dictionary<string, double>(line.Figures.Concat(Window(switches))) };
    }

    private static Dictionary<string, double> Window(IReadOnlyList<SwitchOutcome> switches)
    {
        var closed = GapSummary.Of([.. switches.Select(outcome => outcome.ClosedFor!.Value)]);
        var gaps = GapSummary.Of([.. switches.SelectMany(outcome => outcome.WindowGaps)]);
        return new Dictionary<string, double>
        {
            ["closed p50 ms"] = closed.P50,
            ["closed worst ms"] = closed.Max,
            ["gap over the window p50 ms"] = gaps.P50,
            ["over it p99 ms"] = gaps.P99,
            ["over it worst ms"] = gaps.Max,
        };
    }

    private sealed record SwitchOutcome(IReadOnlyList<TimeSpan> WriteGaps, IReadOnlyList<TimeSpan> WriteWaits, IReadOnlyList<TimeSpan> ReadGaps, LedgerTotals Totals, LedgerVerdict Verdict)
    {
        public TimeSpan? ClosedFor { get; init; }

        public IReadOnlyList<TimeSpan> WindowGaps { get; init; } = [];
    }
}
