using StatefulDeploy.Posix;

namespace StatefulDeploy.Guard;

/// <summary>How the owner of the lease is: by his renewals, and by his process where it is on this machine.</summary>
internal sealed class LeaseWatch(GuardClock clock)
{
    /// <summary>A lease not renewed for this long is silent. (Shorter than the journal's lease, so that who may take that one over may take this one too.)</summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(6);

    // A guard that was just started has heard nobody yet: that says nothing about the owner.
    private GuardInstant _heard = clock.Now();

    public void Renewed() => _heard = clock.Now();

    public GuardMoment Observe(GuardLease? lease)
    {
        var now = clock.Now();
        return new GuardMoment(now, ConditionOf(lease, now));
    }

    private LeaseCondition ConditionOf(GuardLease? lease, GuardInstant now)
    {
        if (lease is null)
            return LeaseCondition.None;

        if (!lease.IsElsewhere && lease.Machine == Environment.MachineName && !RunningProcess.IsRunning(lease.Process))
            return LeaseCondition.Dead;

        return now.Since(_heard) < TimeToLive ? LeaseCondition.Live : LeaseCondition.Silent;
    }
}
