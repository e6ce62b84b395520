using StatefulDeploy.Contracts;

namespace StatefulDeploy.Azure.Disks;

/// <summary>A change that somebody waits for.</summary>
/// <param name="change">The change.</param>
internal sealed class DiskWish(DiskChange change)
{
    /// <summary>The change.</summary>
    public DiskChange Change => change;

    /// <summary>Whether machine and disk are as it wants them.</summary>
    public bool IsDone { get; set; }

    /// <summary>Why it cannot be; null when it can.</summary>
    public UpgradeException? Failure { get; set; }

    /// <summary>Whether nothing more is to be done about it.</summary>
    public bool IsOver => IsDone || Failure is not null;
}
