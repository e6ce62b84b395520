using StatefulDeploy.Contracts;

namespace StatefulDeploy.Engines.Garnet;

/// <summary>Waits for something that a server can only be asked for.</summary>
internal static class GarnetWait
{
    private const int QuickLooks = 20;

    /// <summary>Asks until the answer is yes: at once at first, since most waits of the window last less than a timer's tick, then at an interval.</summary>
    /// <returns>Whether it became so before the deadline.</returns>
    public static async Task<bool> UntilAsync(Func<CancellationToken, Task<bool>> question, TimeSpan deadline, TimeSpan interval, TimeProvider clock, CancellationToken cancellationToken)
    {
        long start = clock.GetTimestamp();
        for (int look = 0; !await question(cancellationToken); look++)
        {
            if (clock.GetElapsedTime(start) > deadline)
            {
                return false;
            }

            if (look >= QuickLooks)
            {
                await Task.Delay(interval, clock, cancellationToken);
            }
        }

        return true;
    }

    /// <summary>As <see cref="UntilAsync"/>; no in time is a failure.</summary>
    /// <exception cref="UpgradeException">The deadline passed.</exception>
    public static async Task DemandAsync(Func<CancellationToken, Task<bool>> question, TimeSpan deadline, TimeSpan interval, TimeProvider clock, string what, CancellationToken cancellationToken)
    {
        if (!await UntilAsync(question, deadline, interval, clock, cancellationToken))
        {
            throw new UpgradeException("GarnetWaitTimedOut", $"After {deadline.TotalSeconds:0.#} s, {what}.", "Look at the servers' logs, then run the command again.", FailureCategory.Timeout);
        }
    }
}
