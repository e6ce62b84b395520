using StatefulDeploy.Load.Accounts;
using StatefulDeploy.Load.Clients;
using StatefulDeploy.Load.Verification;

namespace StatefulDeploy.Load;

/// <summary>
/// A load that keeps books. Its writers number what they write and remember every acknowledgement; its readers hold the service
/// to what was acknowledged; afterwards everything is read back and compared. It knows nothing of upgrades, routers or engines'
/// replication: it is a client like any other, and what it says about a switch does not depend on who made the switch.
/// </summary>
public sealed class Ledger : IAsyncDisposable
{
    // A listening socket's queue is short; connecting a thousand clients at once overflows it.
    private const int ConnectsAtOnce = 64;

    private readonly ILedgerEndpoint _endpoint;
    private readonly LedgerOptions _options;
    private readonly TimeProvider _time;
    private readonly Findings _findings = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly WriterAccount[] _accounts;
    private readonly LoadClient[] _clients;
    private readonly Reader[] _readers;
    private Task? _running;
    private bool _stopped;

    /// <summary>Makes a ledger that is not started.</summary>
    /// <param name="endpoint">The service as a client reaches it.</param>
    /// <param name="options">How much load, of what shape.</param>
    /// <param name="time">The clock that gaps are measured by; the system's if null.</param>
    public Ledger(ILedgerEndpoint endpoint, LedgerOptions? options = null, TimeProvider? time = null)
    {
        _endpoint = endpoint;
        _options = options ?? new LedgerOptions();
        _time = time ?? TimeProvider.System;
        _accounts = [.. Enumerable.Range(0, _options.Writers).Select(client => new WriterAccount(client, _options))];
        var phases = new Random(_options.Seed);
        Writer[] writers = [.. _accounts.Select(account => new Writer(endpoint, _options, _time, _findings, account, phases.NextDouble()))];
        _readers = [.. Enumerable.Range(0, _options.Readers).Select(index => new Reader(endpoint, _options, _time, _findings, _accounts, index, phases.NextDouble()))];
        _clients = [.. writers, .. _readers];
    }

    /// <summary>The ledger's options.</summary>
    public LedgerOptions Options => _options;

    /// <summary>The clock's timestamp, to mark an interval with.</summary>
    public long Now => _time.GetTimestamp();

    /// <summary>Whether the load goes on.</summary>
    public bool Running => _running is { IsCompleted: false };

    /// <summary>Connects all clients and starts them.</summary>
    /// <param name="cancellationToken">Ends the attempt to connect.</param>
    /// <exception cref="IOException">A client could not connect.</exception>
    /// <exception cref="InvalidOperationException">The ledger was started before, or its prefix is in use on the service.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (_running is not null)
        {
            throw new InvalidOperationException("A ledger is started once.");
        }

        _running = Task.CompletedTask;
        await new LedgerReadBack(_endpoint, _options, _time, _accounts).RequireEmptyAsync(cancellationToken);
        await Parallel.ForEachAsync(
            _clients,
            new ParallelOptions { MaxDegreeOfParallelism = ConnectsAtOnce, CancellationToken = cancellationToken },
            async (client, token) => await client.ConnectAsync(token));
        _running = Task.WhenAll(_clients.Select(client => client.RunAsync(_stop.Token)));
    }

    /// <summary>What the clients have seen so far; may be called at any time.</summary>
    public LedgerTotals Totals() => new()
    {
        Acknowledged = Sum(counts => counts.Acknowledged),
        Indeterminate = Sum(counts => counts.Indeterminate),
        FailedWrites = Sum(counts => counts.FailedWrites),
        Reads = Sum(counts => counts.Reads),
        FailedReads = Sum(counts => counts.FailedReads),
        MissingReads = Sum(counts => counts.MissingReads),
        StaleReads = Sum(counts => counts.StaleReads),
        WrongReads = Sum(counts => counts.WrongReads),
        CounterAnomalies = Sum(counts => counts.CounterAnomalies),
        DroppedConnections = Sum(counts => counts.DroppedConnections),
        Timeouts = Sum(counts => counts.Timeouts),
        FailedConnects = Sum(counts => counts.FailedConnects),
        Reconnects = Sum(counts => counts.Reconnects),
        Examples = _findings.ToList(),
    };

    /// <summary>Waits until so many more writes than now are acknowledged.</summary>
    /// <param name="more">How many more.</param>
    /// <param name="within">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">They were not acknowledged in time.</exception>
    public async Task WaitForWritesAsync(long more, TimeSpan within, CancellationToken cancellationToken = default)
    {
        var goal = Sum(counts => counts.Acknowledged) + more;
        var begun = Now;
        while (Sum(counts => counts.Acknowledged) < goal)
        {
            if (_time.GetElapsedTime(begun) > within)
            {
                throw new TimeoutException(FormattableString.Invariant($"Only {more - (goal - Sum(counts => counts.Acknowledged))} of {more} more writes were acknowledged within {within.TotalSeconds} s."));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), _time, cancellationToken);
        }
    }

    /// <summary>Waits until every client has done all the writes it was given (<see cref="LedgerOptions.WritesPerClient"/>), readers aside.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task WaitForQuotaAsync(CancellationToken cancellationToken = default)
    {
        while (Running && _accounts.Any(account => account.Count < _options.WritesPerClient))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), _time, cancellationToken);
        }
    }

    /// <summary>Each writer's longest time between two acknowledgements that overlaps the interval.</summary>
    /// <param name="interval">From just before the switch to just after.</param>
    public IReadOnlyList<TimeSpan> WriteGaps(LedgerInterval interval) => Gaps(_accounts.Select(account => account.Acknowledgements), interval);

    /// <summary>Each writer's longest wait for the acknowledgement of one write that overlaps the interval.</summary>
    /// <param name="interval">From just before the switch to just after.</param>
    public IReadOnlyList<TimeSpan> WriteWaits(LedgerInterval interval) => [.. _accounts.Select(account => _time.GetElapsedTime(0, account.Acknowledgements.LongestWait(interval)))];

    /// <summary>Each reader's longest time between two right reads that overlaps the interval.</summary>
    /// <param name="interval">From just before the switch to just after.</param>
    public IReadOnlyList<TimeSpan> ReadGaps(LedgerInterval interval) => Gaps(_readers.Select(reader => reader.Reads), interval);

    /// <summary>Ends the load. Requests under way are waited for, as long as their own timeout allows.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await (_running ?? Task.CompletedTask);
        _stopped = true;
    }

    /// <summary>Reads everything back, after the load has ended.</summary>
    /// <param name="endpoint">Where to look: the same service, or one of its servers.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The load goes on.</exception>
    public Task<LedgerVerdict> VerifyAsync(ILedgerEndpoint endpoint, CancellationToken cancellationToken = default) => _stopped
        ? new LedgerReadBack(endpoint, _options, _time, _accounts).RunAsync(cancellationToken)
        : throw new InvalidOperationException("Stop the ledger before it is verified: what is being written has no right answer.");

    /// <summary>Ends the load if it goes on, reads everything back and sums up.</summary>
    /// <param name="endpoint">Where to look.</param>
    /// <param name="interval">The interval whose gaps count.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<LedgerReport> ReportAsync(ILedgerEndpoint endpoint, LedgerInterval interval, CancellationToken cancellationToken = default)
    {
        await StopAsync();
        var verdict = await VerifyAsync(endpoint, cancellationToken);
        return new LedgerReport(Totals(), verdict, GapSummary.Of(WriteGaps(interval)), GapSummary.Of(ReadGaps(interval)));
    }

    /// <summary>Ends the load at once, without waiting for requests under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var client in _clients)
        {
            client.Abandon();
        }

        await (_running ?? Task.CompletedTask);
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        _stop.Dispose();
    }

    private long Sum(Func<ClientCounts, long> count) => _clients.Sum(client => count(client.Counts));

    private TimeSpan[] Gaps(IEnumerable<Timeline> timelines, LedgerInterval interval)
    {
        var now = Now;
        return [.. timelines.Select(timeline => _time.GetElapsedTime(0, timeline.LongestGap(interval, now)))];
    }
}
