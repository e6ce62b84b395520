using StatefulDeploy.Contracts;
using StatefulDeploy.Journal;

namespace StatefulDeploy.Azure.Journal;

/// <summary>
/// A shared journal, open for writing. A line is in this machine's copy when <see cref="Append"/> returns, as fast as in a local journal, and
/// the append blob follows the copy. Every append names the lease and the blob's length, so that a line is never there twice and never
/// behind somebody else's; what became of an append without an answer is read back.
/// </summary>
internal sealed class BlobJournal : IJournal
{
    private const string AtAnotherLength = "AppendPositionConditionNotMet";
    private const string TooManyBlocks = "BlockCountExceedsLimit";
    private const int MostBytes = 4 << 20;

    // An append blob takes 50,000 blocks; towards that they are gathered.
    private const int ManyBlocks = 25_000;
    private static readonly TimeSpan Gather = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShareLimit = TimeSpan.FromSeconds(30);
    private readonly BlobJournalStore _store;
    private readonly string _name;
    private readonly SharedCopy _copy;
    private readonly JournalFile _file;
    private readonly BlobLease _lease;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _ended = new();
    private Task _following = Task.CompletedTask;
    private int _asked;
    private long _shared;
    private int _blocks;

    private BlobJournal(BlobJournalStore store, string upgradeId, long shared, BlobLease lease, TimeProvider clock)
    {
        _store = store;
        _name = BlobJournalStore.NameOf(upgradeId);
        _copy = store.CopyOf(upgradeId);
        _file = JournalFile.Open(_copy.Path);
        _shared = shared;
        _lease = lease;
        _clock = clock;
    }

    /// <inheritdoc/>
    public bool IsShared => true;

    /// <summary>Opens a journal that was read under its lease.</summary>
    /// <exception cref="UpgradeException">It is damaged or from a newer version.</exception>
    public static BlobJournal Open(BlobJournalStore store, string upgradeId, byte[] shared, BlobLease lease, TimeProvider clock)
    {
        if (JournalText.WholeLength(shared, store.LocationOf(upgradeId)) < shared.Length)
            throw new UpgradeException("JournalDamaged", $"The last line of the journal '{store.LocationOf(upgradeId)}' is torn, which storage does not do: somebody else wrote it.", "Remove that line: copy the blob without it, and put the copy in its place.", FailureCategory.Damaged) { Target = upgradeId };

        store.CopyOf(upgradeId).Adopt(shared);
        return new BlobJournal(store, upgradeId, shared.Length, lease, clock);
    }

    /// <inheritdoc/>
    public void Append(params ReadOnlySpan<JournalEntry> entries)
    {
        _file.Append(entries);
        FollowBehind(entries.Length);
    }

    /// <inheritdoc/>
    public void AppendBehind(params ReadOnlySpan<JournalEntry> entries)
    {
        _file.AppendBehind(entries);
        FollowBehind(entries.Length);
    }

    /// <inheritdoc/>
    public Task FlushedAsync() => _file.FlushedAsync();

    /// <inheritdoc/>
    public async Task SharedAsync(CancellationToken cancellationToken)
    {
        await _file.FlushedAsync();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ShareLimit);
        UpgradeException? trouble = null;
        try
        {
            for (; ; await Task.Delay(Retry, _clock, limit.Token))
            {
                try
                {
                    await FollowAsync(limit.Token);
                    return;
                }
                catch (UpgradeException exception) when (exception.Category == FailureCategory.Unreachable)
                {
                    trouble = exception;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw trouble ?? BlobFailures.Unreachable(_store.Blobs.Address, "appending", $"there was no answer within {ShareLimit.TotalSeconds:0} s", null);
        }
    }

    /// <summary>Closes it. What the blob does not have yet goes there when the journal is opened the next time on this machine.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _following;
        _file.Dispose();
        _turn.Dispose();
        _ended.Dispose();
    }

    private void FollowBehind(int lines)
    {
        if (lines > 0 && Interlocked.Exchange(ref _asked, 1) == 0)
            _following = FollowSoonAsync(_following);
    }

    private async Task FollowSoonAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            if (_blocks > ManyBlocks)
                await Task.Delay(Gather, _clock, _ended.Token);

            while (!await TryFollowAsync())
            {
                await Task.Delay(Retry, _clock, _ended.Token);
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // The journal is closed.
        }
    }

    /// <returns>False when it is worth another try.</returns>
    private async Task<bool> TryFollowAsync()
    {
        Volatile.Write(ref _asked, 0);
        try
        {
            await FollowAsync(_ended.Token);
            return true;
        }
        catch (UpgradeException exception)
        {
            // Whoever waits for it meets it too, and tells it.
            return exception.Category == FailureCategory.StaleEpoch;
        }
    }

    /// <summary>Appends what the copy has and the blob has not.</summary>
    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            while (LinesToShare() is { Length: > 0 } lines)
            {
                await AppendAsync(lines, cancellationToken);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task AppendAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        var answer = await _store.Blobs.AppendAsync(_name, lines, _shared, _lease.Owner, cancellationToken);
        if (answer.Status == 201)
        {
            _shared += lines.Length;
            _blocks = answer.Blocks;
        }
        else if (answer.Code == AtAnotherLength)
        {
            await ReadBackAsync(cancellationToken);
        }
        else if (answer.IsLeaseRefusal)
        {
            await _lease.HoldAgainAsync(_name, cancellationToken);
        }
        else
        {
            throw answer.Code == TooManyBlocks
                ? new UpgradeException("JournalFull", $"The journal '{_store.Location}/{_name}' has as many blocks as an append blob can have.", "Finish the upgrade on this machine with -StateDirectory set to its state folder, and begin the next one.", FailureCategory.Capacity) { Target = _name }
                : BlobFailures.Of(answer, _store.Blobs.Address, "appending");
        }
    }

    /// <summary>The blob is longer than it was: by what we sent before without hearing the answer, or else somebody wrote there who had no right to.</summary>
    private async Task ReadBackAsync(CancellationToken cancellationToken)
    {
        var answer = await _store.Blobs.GetAsync(_name, cancellationToken, from: _shared);
        if (answer.Status != 416) // It has nothing there: it is shorter than it was.
            answer.OrThrow(_store.Blobs.Address, "reading back");

        if (answer.Status == 416 || answer.Body.Length == 0 || !_copy.ReadFrom(_shared).AsSpan().StartsWith(answer.Body))
            throw new UpgradeException("JournalTakenOver", $"Somebody else has written into the journal '{_store.Location}/{_name}' behind byte {_shared}, or put another in its place.", "Resume the upgrade: what was written there counts.", FailureCategory.StaleEpoch) { Target = _name };

        _shared += answer.Body.Length;
    }

    // Whole lines only, and no more than one request should carry.
    private ReadOnlyMemory<byte> LinesToShare()
    {
        var rest = _copy.ReadFrom(_shared);
        var end = Array.LastIndexOf(rest, (byte)'\n') + 1;
        if (end > MostBytes && Array.LastIndexOf(rest, (byte)'\n', MostBytes - 1) is > 0 and var earlier)
            end = earlier + 1;

        return rest.AsMemory(0, end);
    }
}
