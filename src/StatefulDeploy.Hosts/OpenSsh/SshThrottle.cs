using System.Diagnostics.CodeAnalysis;

namespace StatefulDeploy.Hosts.OpenSsh;

/// <summary>How many commands this process has under way on all hosts together: each is a process of ssh here, and a hundred hosts need not be asked in the same instant.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as the process; a semaphore that nobody waits on by a handle holds nothing to be disposed of.")]
internal sealed class SshThrottle(int limit)
{
    private readonly SemaphoreSlim _free = new(limit, limit);

    /// <summary>The one of this process.</summary>
    public static SshThrottle Shared { get; } = new(32);

    public async Task<T> RunAsync<T>(Func<Task<T>> run, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            return await run();
        }
        finally
        {
            _free.Release();
        }
    }
}
