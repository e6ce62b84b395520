namespace StatefulDeploy.Contracts;

/// <summary>A process that cannot be mistaken for another one that has got its number later.</summary>
/// <param name="Id">The process id.</param>
/// <param name="StartTicks">When it started, in clock ticks since boot (field 22 of /proc/ID/stat).</param>
/// <param name="BootId">The boot of the machine (/proc/sys/kernel/random/boot_id).</param>
public sealed record ProcessIdentity(int Id, long StartTicks, string BootId);
