using StatefulDeploy.Harness.Disks;
using StatefulDeploy.Harness.Fleet;

namespace StatefulDeploy.Upgrade.Tests.Fleet;

/// <summary>Watches the mounts of all machines, for as long as a test goes on, for a disk that is mounted on two of them or twice on one.</summary>
internal sealed class MountWatch : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly CancellationTokenSource _end = new();
    private readonly TestFleet _fleet;
    private readonly IReadOnlyList<LoopDisk> _disks;
    private readonly List<string> _seen = [];
    private readonly Task _watching;

    public MountWatch(TestFleet fleet, IReadOnlyList<LoopDisk> disks)
    {
        _fleet = fleet;
        _disks = disks;
        _watching = Task.Run(WatchAsync);
    }

    /// <summary>How often it looked.</summary>
    public int Looks { get; private set; }

    /// <summary>Disks that were mounted twice, and where; asked for when it has ended.</summary>
    public IReadOnlyList<string> Seen => _seen;

    public async Task StopAsync()
    {
        await _end.CancelAsync();
        await _watching;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _end.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            foreach (var disk in _disks)
            {
                // A look at several machines takes a moment, in which a disk may have gone from one to the other: two looks in a row tell.
                if (Mounts(disk).Count > 1 && Mounts(disk) is { Count: > 1 } twice)
                {
                    _seen.Add($"{Path.GetFileName(disk.Image)} at {string.Join(" and ", twice)}");
                }
            }

            Looks++;
            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    // A kernel shows what backs a loop device; the number before the mount point is the device's.
    private List<string> Mounts(LoopDisk disk)
    {
        var devices = Directory.EnumerateDirectories("/sys/block", "loop*")
            .Where(block => Read(Path.Combine(block, "loop", "backing_file")).Trim() == disk.Image)
            .Select(block => Read(Path.Combine(block, "dev")).Trim())
            .ToHashSet(StringComparer.Ordinal);
        return devices.Count == 0 ? [] :
        [
            .. _fleet.Machines.SelectMany(machine => Read($"/proc/{machine.Process}/mountinfo").Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' '))
                .Where(words => words.Length > 4 && devices.Contains(words[2]))
                .Select(words => $"{machine.Name}:{words[4]}")),
        ];
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }
}
