using StatefulDeploy.Contracts;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Journal;

/// <summary>Who holds a service, as its lease says.</summary>
/// <param name="Owner">An id made by the holder.</param>
/// <param name="Machine">The holder's machine.</param>
/// <param name="Process">The holder's process.</param>
/// <param name="UpgradeId">The upgrade it works on.</param>
/// <param name="Role">What the holder is: <c>operator</c> or <c>keeper</c>.</param>
/// <param name="Renewed">The last heartbeat, by the holder's clock; in a shared store, which tells whether a lease runs, when it was taken.</param>
public sealed record LeaseRecord(string Owner, string Machine, ProcessIdentity Process, string UpgradeId, string Role, DateTimeOffset Renewed)
{
    /// <summary>Among which processes the holder's number is looked for: containers of one machine have processes of their own.</summary>
    public string Processes { get; init; } = string.Empty;

    /// <summary>Whether the holder is gone for certain: its process would be here, and is not.</summary>
    public bool IsKnownDead => Machine == Environment.MachineName && (Processes.Length == 0 || Processes == RunningProcess.Space) && !RunningProcess.IsRunning(Process);

    /// <summary>A record of this process.</summary>
    public static LeaseRecord OfUs(string upgradeId, string role, TimeProvider clock) =>
        new(Guid.NewGuid().ToString(), Environment.MachineName, RunningProcess.Self, upgradeId, role, clock.GetUtcNow()) { Processes = RunningProcess.Space };

    /// <summary>What is said to whoever wants what this one holds.</summary>
    /// <param name="service">The service.</param>
    /// <param name="seen">What is known of its life.</param>
    public UpgradeException Busy(string service, string seen) => new(
        "ServiceBusy",
        $"Service '{service}' is held by {Role} process {Process.Id} on {Machine} for upgrade {UpgradeId}, {seen}.",
        "Wait until it has ended, or stop it with Stop-StatefulUpgrade. A holder that dies is taken over by itself.",
        FailureCategory.Busy) { Target = service };
}
