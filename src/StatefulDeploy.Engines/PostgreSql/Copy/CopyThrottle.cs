namespace StatefulDeploy.Engines.PostgreSql.Copy;

/// <summary>Lets no more than so many bytes a second through, over all sessions of a copy. What was not used of a second is not saved up.</summary>
internal sealed class CopyThrottle(long? bytesPerSecond, TimeProvider clock)
{
    private readonly object _turn = new();
    private long _free = clock.GetTimestamp();

    /// <summary>Waits until these bytes may go: as long as those before them take at that rate.</summary>
    public async ValueTask TakeAsync(int bytes, CancellationToken cancellationToken)
    {
        if (bytesPerSecond is not { } rate)
        {
            return;
        }

        long now = clock.GetTimestamp();
        long mine;
        lock (_turn)
        {
            mine = Math.Max(_free, now);
            _free = mine + (long)((double)bytes / rate * clock.TimestampFrequency);
        }

        if (mine > now)
        {
            await Task.Delay(clock.GetElapsedTime(now, mine), clock, cancellationToken);
        }
    }
}
