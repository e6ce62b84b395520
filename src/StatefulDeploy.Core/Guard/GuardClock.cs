using StatefulDeploy.Posix;

namespace StatefulDeploy.Guard;

/// <summary>The clocks of this machine.</summary>
internal class GuardClock
{
    public virtual GuardInstant Now() => new(RunningProcess.BootId, Libc.BootMilliseconds(), DateTimeOffset.UtcNow);
}
