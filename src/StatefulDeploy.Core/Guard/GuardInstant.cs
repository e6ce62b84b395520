using System.Globalization;

namespace StatefulDeploy.Guard;

/// <summary>A moment on both of a machine's clocks. Within one boot the clock since boot counts, which nobody sets; across boots only the wall clock is left.</summary>
/// <param name="BootId">The boot.</param>
/// <param name="SinceBoot">Milliseconds since that boot, sleep included.</param>
/// <param name="Wall">The wall clock.</param>
internal sealed record GuardInstant(string BootId, long SinceBoot, DateTimeOffset Wall)
{
    /// <summary>How long ago an earlier moment was. Never negative; after a reboot at least as long as this boot has lasted, whatever the wall clock says.</summary>
    public TimeSpan Since(GuardInstant earlier)
    {
        var elapsed = BootId == earlier.BootId
            ? TimeSpan.FromMilliseconds(SinceBoot - earlier.SinceBoot)
            : Longer(Wall - earlier.Wall, TimeSpan.FromMilliseconds(SinceBoot));
        return Longer(elapsed, TimeSpan.Zero);
    }

    public override string ToString() => Wall.ToString("O", CultureInfo.InvariantCulture);

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
