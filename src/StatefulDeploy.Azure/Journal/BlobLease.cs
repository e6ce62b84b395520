using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;

namespace StatefulDeploy.Azure.Journal;

/// <summary>
/// The lease of a service in Blob Storage: on the blob that says who has it, and on each journal that is written under it, so that the storage
/// itself refuses the lines of whoever was taken over. Storage ends it by its own clock when it is not renewed; while it runs nobody else gets it.
/// </summary>
internal sealed class BlobLease : IServiceLease
{
    /// <summary>A lease that was not renewed for this long is dead: the shortest that storage grants.</summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan BeatLimit = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(500);
    private readonly BlobJournalStore _store;
    private readonly string _service;
    private readonly string? _predecessor;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly HashSet<string> _journals = new(StringComparer.Ordinal);
    private readonly Task _renewing;

    /// <summary>Keeps a lease that was taken.</summary>
    /// <param name="store">Where.</param>
    /// <param name="service">The service, for messages.</param>
    /// <param name="owner">The lease.</param>
    /// <param name="predecessor">The lease before it, which a dead holder may have left on a journal; null when there was none.</param>
    /// <param name="clock">The clock.</param>
    public BlobLease(BlobJournalStore store, string service, string owner, string? predecessor, TimeProvider clock)
    {
        _store = store;
        _service = service;
        Owner = owner;
        _predecessor = predecessor;
        _clock = clock;
        _renewing = RenewAsync();
    }

    /// <summary>The lease's id.</summary>
    public string Owner { get; }

    /// <inheritdoc/>
    public CancellationToken Lost => _lost.Token;

    /// <inheritdoc/>
    public async Task<IJournal> OpenAsync(string upgradeId, CancellationToken cancellationToken)
    {
        var name = BlobJournalStore.NameOf(upgradeId);
        await _store.Blobs.MakeForAppendingAsync(name, cancellationToken);
        await HoldAsync(name, cancellationToken);
        return BlobJournal.Open(_store, upgradeId, await _store.ReadSharedAsync(upgradeId, cancellationToken) ?? [], this, _clock);
    }

    /// <summary>After storage refused a line for want of the lease: holds the journal again, if the service is still ours.</summary>
    /// <exception cref="UpgradeException">It is not.</exception>
    public async Task HoldAgainAsync(string journal, CancellationToken cancellationToken)
    {
        var answer = await _store.Blobs.LeaseAsync(BlobJournalStore.LeaseBlob, "renew", Owner, null, cancellationToken);
        if (IsGone(answer))
            throw await LoseAsync();

        answer.OrThrow(_store.Blobs.Address, "renewing the lease");
        await HoldAsync(journal, cancellationToken);
    }

    /// <summary>Gives the lease back.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _renewing;
        using var limit = new CancellationTokenSource(ReleaseLimit);
        foreach (var blob in Held())
        {
            await ReleaseAsync(blob, limit.Token);
        }

        _ended.Dispose();
        _lost.Dispose();
    }

    /// <summary>Takes the lease of a journal. The service is ours, so that its holder can only be the one before us, who is dead, or somebody who is about to learn that he was taken over.</summary>
    private async Task HoldAsync(string journal, CancellationToken cancellationToken)
    {
        for (var since = _clock.GetTimestamp(); ; await Task.Delay(Retry, _clock, cancellationToken))
        {
            var answer = await _store.Blobs.LeaseAsync(journal, "acquire", null, Owner, cancellationToken);
            if (answer.IsLeaseRefusal && _predecessor is not null)
                answer = await _store.Blobs.LeaseAsync(journal, "change", _predecessor, Owner, cancellationToken);

            if (!answer.IsLeaseRefusal)
            {
                answer.OrThrow(_store.Blobs.Address, $"taking the lease of '{journal}'");
                lock (_journals)
                {
                    _journals.Add(journal);
                }

                return;
            }

            if (_clock.GetElapsedTime(since) > TimeToLive + Beat)
                throw new UpgradeException("JournalHeld", $"The journal '{journal}' in '{_store.Location}' is leased by somebody who does not hold service '{_service}' ({answer.Code}).", "Find out who leased the blob past StatefulDeploy, and break that lease.", FailureCategory.Busy) { Target = journal };
        }
    }

    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(Beat, _clock);
        try
        {
            while (!_lost.IsCancellationRequested && await timer.WaitForNextTickAsync(_ended.Token))
            {
                await BeatAsync();
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // It is given back.
        }
    }

    // A beat that is missed is made up for by the next: storage lets an ended lease be renewed so long as nobody else took it.
    private async Task BeatAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
        limit.CancelAfter(BeatLimit);
        try
        {
            foreach (var blob in Held())
            {
                var answer = await _store.Blobs.LeaseAsync(blob, "renew", Owner, null, limit.Token);
                if (blob == BlobJournalStore.LeaseBlob && IsGone(answer))
                {
                    await LoseAsync();
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is UpgradeException || (exception is OperationCanceledException && !_ended.IsCancellationRequested))
        {
            // The guard's lease on the writer's host keeps others out meanwhile.
        }
    }

    private async Task ReleaseAsync(string blob, CancellationToken cancellationToken)
    {
        try
        {
            await _store.Blobs.LeaseAsync(blob, "release", Owner, null, cancellationToken);
        }
        catch (Exception exception) when (exception is UpgradeException or OperationCanceledException)
        {
            // It ends by itself.
        }
    }

    private static bool IsGone(BlobAnswer answer) => answer.IsLeaseRefusal || answer.IsBlobMissing;

    private async Task<UpgradeException> LoseAsync()
    {
        await _lost.CancelAsync();
        return new UpgradeException("LeaseLost", $"Somebody else took service '{_service}' over.", "Get-StatefulUpgrade tells who; nothing more is done here.", FailureCategory.StaleEpoch) { Target = _service };
    }

    private List<string> Held()
    {
        lock (_journals)
        {
            return [BlobJournalStore.LeaseBlob, .. _journals];
        }
    }
}
