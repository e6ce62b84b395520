using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard;

/// <summary>The watcher's way to the router: tries until it is done, given up, or no longer called for.</summary>
internal sealed class WindowRouter(IPlatform platform, GuardLog log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(5);

    /// <returns>Whether it was done; false when it is no longer called for, or the time was over.</returns>
    public async Task<bool> TryAsync(ServiceDescription service, string what, Func<IRouter, CancellationToken, Task> act, Func<bool> isCalledFor, TimeSpan within, CancellationToken cancellationToken)
    {
        for (var began = Environment.TickCount64; isCalledFor() && Environment.TickCount64 - began < within.TotalMilliseconds; await Task.Delay(Pause, cancellationToken))
        {
            using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            attempt.CancelAfter(AttemptLimit);
            try
            {
                await using var router = platform.CreateRouter(service);
                await act(router, attempt.Token);
                log.Write($"{what}: done.");
                return true;
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                log.Write($"{what} failed, trying again: {error.Message}");
            }
        }

        return false;
    }
}
