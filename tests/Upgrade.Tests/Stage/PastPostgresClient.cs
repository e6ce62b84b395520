using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;
using StatefulDeploy.Harness.Servers;

namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>
/// A client of PostgreSQL that goes past the router: it writes to one server directly, on a session that it keeps, and takes every
/// refusal for what it is. What the server acknowledged it remembers, with the time it was sent and the time it was answered.
/// </summary>
internal sealed class PastPostgresClient(string side, int port, TimeSpan pause) : IAsyncDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);
    private static int _clients;
    private readonly string _prefix = FormattableString.Invariant($"past:{side}:{Interlocked.Increment(ref _clients)}:");
    private readonly ConcurrentQueue<AcceptedWrite> _accepted = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private volatile bool _paused;
    private long _number;

    /// <summary>The writes that the server acknowledged.</summary>
    public IReadOnlyCollection<AcceptedWrite> Accepted => _accepted;

    public void Start() => _running = RunAsync(_stop.Token);

    /// <summary>Closes the session and writes nothing any more: a server with a client on it is not retired.</summary>
    public void Pause() => _paused = true;

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

    private async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await WriteAsync(stop);
            }
            catch (Exception error) when (error is NpgsqlException or IOException or OperationCanceledException or TimeoutException or InvalidOperationException)
            {
                // Refused, gone, or told to stop: it looks again after a while.
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

        await using var session = await PostgresServer.OpenAsync(port, "app", "app");
        while (!stop.IsCancellationRequested && !_paused)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"{_prefix}{_number++}");
            var sent = TimeProvider.System.GetTimestamp();

            // Every other write is a transaction of its own making: it can be open when the sessions are ended.
            await using var transaction = _number % 2 == 0 ? await session.BeginTransactionAsync(stop) : null;
            await using var command = new NpgsqlCommand("INSERT INTO past VALUES ($1, $2)", session) { Parameters = { new() { Value = key }, new() { Value = side } } };
            await command.ExecuteNonQueryAsync(stop);
            if (transaction is not null)
            {
                await transaction.CommitAsync(stop);
            }

            _accepted.Enqueue(new AcceptedWrite(side, key, sent, TimeProvider.System.GetTimestamp()));
            await Task.Delay(pause, stop);
        }
    }
}
