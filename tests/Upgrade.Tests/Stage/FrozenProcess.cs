namespace StatefulDeploy.Upgrade.Tests.Stage;

/// <summary>A process that stands still for a time and then goes on, if it is still there.</summary>
internal sealed class FrozenProcess : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public FrozenProcess(int id, TimeSpan time)
    {
        Signals.Stop(id);
        _running = ThawAsync(id, time);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task ThawAsync(int id, TimeSpan time)
    {
        await Task.Delay(time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Signals.Continue(id);
    }
}
