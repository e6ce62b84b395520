using StatefulDeploy.Load.Accounts;

namespace StatefulDeploy.Load.Clients;

/// <summary>One client's life: connect, ask at its rate, and connect again when the connection is lost.</summary>
internal abstract class LoadClient(ILedgerEndpoint endpoint, LedgerOptions options, TimeProvider time, Findings findings) : IAsyncDisposable
{
    private CancellationTokenSource _deadline = new();
    private ILedgerClient? _connection;
    private bool _lookAgain;
    private volatile bool _abandoned;

    public ClientCounts Counts { get; } = new();

    protected LedgerOptions Options => options;

    protected TimeProvider Time => time;

    protected Findings Findings => findings;

    protected abstract string Name { get; }

    protected abstract Timeline Answers { get; }

    protected abstract Pacer Pacer { get; }

    protected abstract bool Finished { get; }

    /// <summary>Sends one batch and enters what is said to it. True if something in it was refused.</summary>
    protected abstract Task<bool> StepAsync(ILedgerClient connection, CancellationToken cancellationToken);

    /// <summary>Connects for the first time; a failure here is the caller's.</summary>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        var connection = endpoint.NewClient(options, time);
        try
        {
            await connection.ConnectAsync(cancellationToken);
            _connection = connection;
            connection = null;
        }
        finally
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }
        }
    }

    /// <summary>Works until told to stop; the request under way is still waited for.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        Answers.Begin(time.GetTimestamp());
        try
        {
            while (!stop.IsCancellationRequested && !_abandoned && !Finished)
            {
                await Pacer.WaitAsync(stop);
                if (_connection is null && !await ReconnectAsync(stop))
                {
                    continue;
                }

                await AskAsync(stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop while it waited for its turn.
        }
        finally
        {
            Answers.End(time.GetTimestamp());
        }
    }

    /// <summary>Ends even the request under way, which becomes indeterminate.</summary>
    public void Abandon()
    {
        _abandoned = true;
        Volatile.Read(ref _deadline).Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        await DropAsync();
        _deadline.Dispose();
    }

    protected void LookAgainAfter(string? error) =>
        _lookAgain |= error is not null && options.ReconnectOn.Any(start => error.StartsWith(start, StringComparison.Ordinal));

    private async Task AskAsync(CancellationToken stop)
    {
        var refused = false;
        try
        {
            refused = await StepAsync(_connection!, Deadline());
        }
        catch (OperationCanceledException)
        {
            Counts.Timeouts++;
            findings.Add($"{Name}: no answer in {options.Timeout.TotalSeconds} s");
            await DropAsync();
        }
        catch (IOException error)
        {
            Counts.DroppedConnections++;
            findings.Add($"{Name}: connection lost: {error.Message}");
            await DropAsync();
        }

        if (_lookAgain)
        {
            _lookAgain = false;
            await DropAsync();
        }

        if (refused)
        {
            await Task.Delay(options.RetryDelay, time, stop);
        }
    }

    private async Task<bool> ReconnectAsync(CancellationToken stop)
    {
        try
        {
            await ConnectAsync(Deadline());
            Counts.Reconnects++;
            return true;
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            Counts.FailedConnects++;
            await Task.Delay(options.RetryDelay, time, stop);
            return false;
        }
    }

    private CancellationToken Deadline()
    {
        if (!_deadline.TryReset())
        {
            _deadline.Dispose();
            Volatile.Write(ref _deadline, new CancellationTokenSource());
        }

        _deadline.CancelAfter(options.Timeout);
        if (_abandoned)
        {
            _deadline.Cancel();
        }

        return _deadline.Token;
    }

    private async ValueTask DropAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
            _connection = null;
        }
    }
}
