using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard;

/// <summary>Who holds the service.</summary>
/// <param name="Owner">An id that no other run has.</param>
/// <param name="UpgradeId">On behalf of which upgrade.</param>
/// <param name="Process">The process of the owner.</param>
/// <param name="Machine">The name of the owner's machine, for people.</param>
/// <param name="Epoch">The epoch that came with it; 0 while it is only asked for.</param>
/// <param name="IsElsewhere">Whether its owner is on another machine than the guard, whose processes cannot be looked for, whatever that machine is called.</param>
internal sealed record GuardLease(string Owner, string UpgradeId, ProcessIdentity Process, string Machine, long Epoch, bool IsElsewhere = false);
