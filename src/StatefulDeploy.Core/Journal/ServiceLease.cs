using System.Text.Json;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Journal;

/// <summary>
/// One operator a service, in a state folder: a file that the holder renews every second. A holder whose process has ended, or that
/// has not renewed for <see cref="TimeToLive"/>, is dead and may be taken over; a live one never.
/// </summary>
public sealed class ServiceLease : IServiceLease, IDisposable
{
    /// <summary>A lease that was not renewed for this long is dead.</summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);
    private readonly string _path;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _lost = new();
    private LeaseRecord _record;

    private ServiceLease(string path, LeaseRecord record, TimeProvider clock)
    {
        _path = path;
        _record = record;
        _clock = clock;
        _timer = clock.CreateTimer(_ => Renew(), null, Beat, Beat);
    }

    /// <inheritdoc/>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Takes the lease.</summary>
    /// <param name="folder">The state folder.</param>
    /// <param name="service">The service, for the message.</param>
    /// <param name="upgradeId">The upgrade that is to be worked on.</param>
    /// <param name="role">What we are: <c>operator</c> or <c>keeper</c>.</param>
    /// <param name="clock">The clock.</param>
    /// <exception cref="UpgradeException">Somebody alive holds it.</exception>
    public static ServiceLease Acquire(string folder, string service, string upgradeId, string role, TimeProvider clock)
    {
        Directory.CreateDirectory(folder);
        var path = PathIn(folder);
        using var turn = OneAtATime(folder);
        if (Read(folder) is { } holder && IsAlive(holder, clock))
        {
            throw holder.Busy(service, $"last seen {holder.Renewed:u}");
        }

        var record = LeaseRecord.OfUs(upgradeId, role, clock);
        Write(path, record);
        return new ServiceLease(path, record, clock);
    }

    /// <summary>Who holds the service; null when nobody ever did, or it was given back.</summary>
    public static LeaseRecord? Read(string folder)
    {
        try
        {
            return ModelJson.Read<LeaseRecord>(File.ReadAllText(PathIn(folder)));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether the holder is alive: its process runs (where that can be asked) and it has renewed in time.</summary>
    public static bool IsAlive(LeaseRecord holder, TimeProvider clock) =>
        clock.GetUtcNow() - holder.Renewed < TimeToLive
        && !holder.IsKnownDead;

    /// <inheritdoc/>
    public Task<IJournal> OpenAsync(string upgradeId, CancellationToken cancellationToken) =>
        Task.FromResult<IJournal>(JournalFile.Open(new JournalFolder(Path.GetDirectoryName(_path)!).LocationOf(upgradeId)));

    /// <summary>Gives the lease back.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        using (OneAtATime(Path.GetDirectoryName(_path)!))
        {
            if (Read(Path.GetDirectoryName(_path)!)?.Owner == _record.Owner)
            {
                File.Delete(_path);
            }
        }

        _lost.Dispose();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Renew()
    {
        try
        {
            if (Read(Path.GetDirectoryName(_path)!)?.Owner != _record.Owner)
            {
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _lost.Cancel();
                return;
            }

            _record = _record with { Renewed = _clock.GetUtcNow() };
            Write(_path, _record);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            // A heartbeat that cannot be written is a missed one: the time to live decides.
        }
    }

    private static string PathIn(string folder) => Path.Combine(folder, "lease.json");

    private static void Write(string path, LeaseRecord record)
    {
        var temporary = $"{path}.{record.Owner}";
        File.WriteAllText(temporary, ModelJson.Write(record));
        File.Move(temporary, path, overwrite: true);
    }

    private static FileStream OneAtATime(string folder)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new FileStream(Path.Combine(folder, "lease.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (attempt < 200)
            {
                Thread.Sleep(10);
            }
        }
    }
}
