using StatefulDeploy.Journal;

namespace StatefulDeploy.Workflow;

/// <summary>The wish that an upgrade stop where nothing is closed, of whatever process: a file beside its journal.</summary>
internal sealed class StopWish : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);
    private readonly string _file;
    private readonly ITimer _watch;
    private CancellationTokenSource _stop = new();

    /// <summary>Listens from now on; an earlier wish is over.</summary>
    internal StopWish(JournalStore store, string upgradeId, TimeProvider clock)
    {
        _file = FileOf(store, upgradeId);
        Directory.CreateDirectory(store.FilesOf(upgradeId));
        File.Delete(_file);
        _watch = clock.CreateTimer(_ => Look(), null, Poll, Poll);
    }

    /// <summary>Signalled when somebody wished it.</summary>
    internal CancellationToken Token => _stop.Token;

    /// <summary>Wishes it.</summary>
    internal static void Ask(JournalStore store, string upgradeId)
    {
        Directory.CreateDirectory(store.FilesOf(upgradeId));
        File.WriteAllText(FileOf(store, upgradeId), string.Empty);
    }

    /// <summary>Something new is asked for: an earlier wish is over.</summary>
    internal void Forget()
    {
        File.Delete(_file);
        if (_stop.IsCancellationRequested)
        {
            _stop.Dispose();
            _stop = new CancellationTokenSource();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync();
        _stop.Dispose();
    }

    private static string FileOf(JournalStore store, string upgradeId) => Path.Combine(store.FilesOf(upgradeId), "stop-requested");

    private void Look()
    {
        if (File.Exists(_file))
        {
            _stop.Cancel();
        }
    }
}
