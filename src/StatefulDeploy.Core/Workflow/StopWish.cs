using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;

namespace StatefulDeploy.Workflow;

/// <summary>The wish that an upgrade stop where nothing is closed, of whatever process: it stands beside the journal.</summary>
internal sealed class StopWish : IAsyncDisposable
{
    private readonly IJournalStore _store;
    private readonly string _upgradeId;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _watch;
    private CancellationTokenSource _stop = new();

    private StopWish(IJournalStore store, string upgradeId, TimeProvider clock)
    {
        _store = store;
        _upgradeId = upgradeId;
        _watch = WatchAsync(clock);
    }

    /// <summary>Signalled when somebody wished it.</summary>
    internal CancellationToken Token => _stop.Token;

    /// <summary>Listens from now on; an earlier wish is over.</summary>
    internal static async Task<StopWish> ListenAsync(IJournalStore store, string upgradeId, TimeProvider clock, CancellationToken cancellationToken)
    {
        await store.ForgetStopAsync(upgradeId, cancellationToken);
        return new StopWish(store, upgradeId, clock);
    }

    /// <summary>Something new is asked for: an earlier wish is over.</summary>
    internal async Task ForgetAsync(CancellationToken cancellationToken)
    {
        await _store.ForgetStopAsync(_upgradeId, cancellationToken);
        if (_stop.IsCancellationRequested)
        {
            _stop.Dispose();
            _stop = new CancellationTokenSource();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _watch;
        _ended.Dispose();
        _stop.Dispose();
    }

    private async Task WatchAsync(TimeProvider clock)
    {
        using var timer = new PeriodicTimer(_store.Pace, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_ended.Token))
            {
                await LookAsync();
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The session has ended.
        }
    }

    private async Task LookAsync()
    {
        try
        {
            if (await _store.IsAskedToStopAsync(_upgradeId, _ended.Token))
            {
                await _stop.CancelAsync();
            }
        }
        catch (UpgradeException)
        {
            // A store that cannot be reached now is asked again.
        }
    }
}
