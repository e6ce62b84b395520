namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>
/// Makes the server on a port slow from the moment it is there: it stands still for most of every period. It loses nothing by
/// it, it only applies later what it has received.
/// </summary>
internal sealed class SlowGreen : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public SlowGreen(int port, TimeSpan still, TimeSpan moving) => _running = Task.Run(() => RunAsync(port, still, moving));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(int port, TimeSpan still, TimeSpan moving)
    {
        var id = 0;
        try
        {
            while (true)
            {
                if (id == 0 || !Directory.Exists($"/proc/{id}"))
                {
                    id = ProductProcess.ListeningOn(port);
                    await Task.Delay(id == 0 ? still : moving, _stop.Token);
                    continue;
                }

                Signals.Stop(id);
                await Task.Delay(still, _stop.Token);
                Signals.Continue(id);
                await Task.Delay(moving, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            if (id != 0)
            {
                Signals.Continue(id);
            }
        }
    }
}
