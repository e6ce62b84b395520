using System.Collections.Concurrent;
using System.Globalization;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>
/// A client that goes past the router: it writes to one server directly, on a session that it keeps, and takes every refusal for
/// what it is. What the server acknowledged it remembers, with the time it was sent and the time it was answered.
/// </summary>
internal abstract class PastClient(string side, TimeSpan pause) : IAsyncDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);
    private static int _clients;
    private readonly string _prefix = FormattableString.Invariant($"past:{side}:{Interlocked.Increment(ref _clients)}:");
    private readonly ConcurrentQueue<AcceptedWrite> _accepted = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private volatile bool _paused;
    private long _number;

    /// <summary>The writes that the server acknowledged.</summary>
    public IReadOnlyCollection<AcceptedWrite> Accepted => _accepted;

    /// <summary>Which server it writes to, as its records say.</summary>
    protected string Side => side;

    public void Start() => _running = RunAsync(_stop.Token);

    /// <summary>Closes the session and writes nothing until told to go on: a server with a client of ours on it is not retired.</summary>
    public void Pause() => _paused = true;

    public void Continue() => _paused = false;

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    /// <summary>Opens a session.</summary>
    /// <returns>What writes one record on it, as a transaction if so asked, and tells whether it was acknowledged; disposed of at the session's end.</returns>
    protected abstract Task<IPastSession> OpenAsync(CancellationToken stop);

    /// <summary>Whether a failure is what a server may do to a client: refuse it, end it, or be gone.</summary>
    protected abstract bool IsExpected(Exception error);

    private async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await WriteAsync(stop);
            }
            catch (Exception error) when (error is OperationCanceledException || IsExpected(error))
            {
                // It looks again after a while.
            }

            await Task.Delay(LookAgain, CancellationToken.None);
        }
    }

    private async Task WriteAsync(CancellationToken stop)
    {
        if (_paused)
        {
            return;
        }

        await using var session = await OpenAsync(stop);
        while (!stop.IsCancellationRequested && !_paused)
        {
            // Every other write is a transaction of its own making: servers keep those in another form, and it can be open when sessions are ended.
            var key = string.Create(CultureInfo.InvariantCulture, $"{_prefix}{_number++}");
            var sent = TimeProvider.System.GetTimestamp();
            if (await session.IsAcceptedAsync(key, inTransaction: _number % 2 == 0, stop))
            {
                _accepted.Enqueue(new AcceptedWrite(side, key, sent, TimeProvider.System.GetTimestamp()));
            }

            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, stop);
            }
        }
    }
}
