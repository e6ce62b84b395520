using StatefulDeploy.Contracts;

namespace StatefulDeploy.Journal;

/// <summary>Who holds a service, as its lease file says; the same file is the holder's heartbeat.</summary>
/// <param name="Owner">An id made by the holder.</param>
/// <param name="Machine">The holder's machine.</param>
/// <param name="Process">The holder's process.</param>
/// <param name="UpgradeId">The upgrade it works on.</param>
/// <param name="Role">What the holder is: <c>operator</c> or <c>keeper</c>.</param>
/// <param name="Renewed">The last heartbeat, by the holder's clock.</param>
public sealed record LeaseRecord(string Owner, string Machine, ProcessIdentity Process, string UpgradeId, string Role, DateTimeOffset Renewed);
