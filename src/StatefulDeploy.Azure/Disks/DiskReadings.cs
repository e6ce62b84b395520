using System.Collections.Concurrent;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Disks;

/// <summary>
/// Reads disks, and spares requests: when every host is asked for every volume, a disk is read once and not once a host; and many disks
/// are read by lists. A reading counts for a moment only.
/// </summary>
internal sealed class DiskReadings(AzureService azure)
{
    private const int ManyDisks = 8;
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<ResourceId, (long At, Lazy<Task<DiskSight?>> Reading)> _disks = new();
    private (long At, Lazy<Task<IReadOnlyDictionary<ResourceId, DiskSight>>> Reading)? _lists;

    /// <summary>A disk as it is, or was a moment ago; null when there is none.</summary>
    public Task<DiskSight?> FindAsync(ResourceId disk, CancellationToken cancellationToken)
    {
        var volumes = azure.Service.Volumes.Where(volume => volume.Provider == AzureVolumeProvider.KindName).ToList();
        return volumes.Count >= ManyDisks ? FromListsAsync(disk, volumes, cancellationToken) : AloneAsync(disk, cancellationToken);
    }

    /// <summary>What was read is out of date: something was changed.</summary>
    public void Forget()
    {
        _disks.Clear();
        lock (_disks)
        {
            _lists = null;
        }
    }

    private async Task<DiskSight?> AloneAsync(ResourceId disk, CancellationToken cancellationToken)
    {
        var now = azure.Clock.GetTimestamp();
        var entry = _disks.AddOrUpdate(disk, _ => New(), (_, old) => IsFresh(old.At) && !HasFailed(old.Reading) ? old : New());
        return await entry.Reading.Value;

        (long At, Lazy<Task<DiskSight?>> Reading) New() => (now, new(() => ReadAsync(disk, cancellationToken)));
    }

    private async Task<DiskSight?> FromListsAsync(ResourceId disk, IReadOnlyList<VolumeDescription> volumes, CancellationToken cancellationToken)
    {
        Lazy<Task<IReadOnlyDictionary<ResourceId, DiskSight>>> reading;
        lock (_disks)
        {
            if (_lists is not { } lists || !IsFresh(lists.At) || HasFailed(lists.Reading))
                _lists = lists = (azure.Clock.GetTimestamp(), new(() => ListAsync(volumes, cancellationToken)));
            reading = lists.Reading;
        }

        return (await reading.Value).GetValueOrDefault(disk);
    }

    private async Task<IReadOnlyDictionary<ResourceId, DiskSight>> ListAsync(IReadOnlyList<VolumeDescription> volumes, CancellationToken cancellationToken)
    {
        var found = new Dictionary<ResourceId, DiskSight>();
        foreach (var (subscription, group) in volumes.Select(azure.DiskOf).Select(id => (id.Subscription, Group: id.Group.ToLowerInvariant())).Distinct())
        {
            foreach (var body in await azure.Client.ListAsync($"/subscriptions/{subscription}/resourceGroups/{group}/providers/{ResourceTypes.Disk}", ResourceTypes.Disk, cancellationToken))
            {
                var sight = new DiskSight(new ArmResource(body, null));
                found[sight.Id] = sight;
            }
        }

        return found;
    }

    private async Task<DiskSight?> ReadAsync(ResourceId disk, CancellationToken cancellationToken) =>
        await azure.Client.FindAsync(disk, cancellationToken) is { } resource ? new DiskSight(resource) : null;

    // One caller's failure, or end, is not the next one's.
    private static bool HasFailed<T>(Lazy<Task<T>> reading) => reading is { IsValueCreated: true, Value: { IsCompleted: true, IsCompletedSuccessfully: false } };

    private bool IsFresh(long at) => azure.Clock.GetElapsedTime(at) < Moment;
}
