namespace StatefulDeploy.Azure.Disks;

/// <summary>That somebody is about to ask for a change of a machine's disks.</summary>
/// <param name="over">Done once, when it is asked for or given up.</param>
internal sealed class DiskAnnouncement(Action over) : IDisposable
{
    private Action? _over = over;

    public void Dispose() => Interlocked.Exchange(ref _over, null)?.Invoke();
}
