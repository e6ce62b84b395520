using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Azure.Disks;

/// <summary>
/// The data disks of one machine: one change at a time, and what is asked for at the same time goes in one request. Each caller waits for
/// its turn and then makes the changes of all who wait; if it is cancelled, the next one has the turn, and finds what was begun.
/// </summary>
internal sealed class MachineDisks(AzureService azure, ResourceId machine) : IDisposable
{
    // So long it is waited at most for those who have announced a change and not told it yet.
    private static readonly TimeSpan Gathering = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly List<DiskWish> _wishes = [];
    private int _announced;

    /// <summary>Announces a change that needs some looking first, so that others who ask meanwhile go in the same request.</summary>
    /// <returns>What is disposed of when the change was told, or is not to be.</returns>
    public DiskAnnouncement Announce()
    {
        Interlocked.Increment(ref _announced);
        return new DiskAnnouncement(() => Interlocked.Decrement(ref _announced));
    }

    /// <summary>Makes a change, and returns when Azure's own reading of machine and disk agrees with it.</summary>
    /// <exception cref="UpgradeException">It cannot be made, or has not ended in time; what goes on at Azure is noted, and the next call finds it.</exception>
    public async Task ChangeAsync(DiskChange change, DiskAnnouncement announced, CancellationToken cancellationToken)
    {
        var wish = new DiskWish(change);
        lock (_wishes)
        {
            _wishes.Add(wish);
        }

        announced.Dispose();
        try
        {
            await InTurnAsync(wish, cancellationToken);
        }
        finally
        {
            lock (_wishes)
            {
                _wishes.Remove(wish);
            }
        }

        if (wish.Failure is { } failure)
            throw failure;
    }

    public void Dispose() => _turn.Dispose();

    private async Task InTurnAsync(DiskWish wish, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (wish.IsOver)
                return;

            for (var since = azure.Clock.GetTimestamp(); Volatile.Read(ref _announced) > 0 && azure.Clock.GetElapsedTime(since) < Gathering;)
                await Task.Delay(Look, azure.Clock, cancellationToken);
            await MakeAsync(Waiting(), cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    private IReadOnlyList<DiskWish> Waiting()
    {
        lock (_wishes)
        {
            return [.. _wishes.Where(wish => !wish.IsOver)];
        }
    }

    private async Task MakeAsync(IReadOnlyList<DiskWish> batch, CancellationToken cancellationToken)
    {
        try
        {
            await new DiskBatch(azure, machine, batch).RunAsync(cancellationToken);
        }
        catch (UpgradeException failure)
        {
            var open = batch.Where(wish => !wish.IsOver).ToList();
            if (open.Count == 1 || failure.Category is FailureCategory.Timeout or FailureCategory.Unreachable or FailureCategory.AccessDenied)
            {
                open.ForEach(wish => wish.Failure = failure);
                return;
            }

            // One of several spoils the request for all: each is asked for alone, so that only that one fails.
            foreach (var wish in open)
                await MakeAsync([wish], cancellationToken);
        }
    }
}
