using StatefulDeploy.Harness.Azure.Arm;
using StatefulDeploy.Harness.Azure.Compute;

namespace StatefulDeploy.Harness.Azure.Monitor;

/// <summary>
/// Watches what must never happen, whatever the client does: a disk in two machines, the only copy of data deleted, a disk deleted in the middle of an
/// operation, a disk left over at the end with no machine.
/// </summary>
public sealed class InvariantMonitor
{
    private readonly List<string> _findings = [];
    private readonly HashSet<string> _expendable = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _free = new(StringComparer.OrdinalIgnoreCase);

    internal ArmStore Store { get; } = new();

    /// <summary>Says that a disk's data may go although no copy is left.</summary>
    /// <param name="disk">Its name.</param>
    public void MayLose(string disk)
    {
        lock (Store.Gate)
        {
            _expendable.Add(disk);
        }
    }

    /// <summary>Says that a disk may be without a machine at the end.</summary>
    /// <param name="disk">Its name.</param>
    public void MayStayFree(string disk)
    {
        lock (Store.Gate)
        {
            _free.Add(disk);
        }
    }

    /// <summary>What happened that must not, and what is left as it must not be, when nothing is under way.</summary>
    public IReadOnlyList<string> Check()
    {
        lock (Store.Gate)
        {
            var dangling = Store.Of<DiskResource>().Where(disk => disk.HoldsData && disk.Owners.Count == 0 && disk.Moving is null && !_free.Contains(disk.Name));
            return [.. _findings, .. dangling.Select(disk => $"the disk {disk.Name} is left with no machine")];
        }
    }

    /// <summary>As <see cref="Check"/>, and forgets what happened: for a test that provokes it.</summary>
    public IReadOnlyList<string> Take()
    {
        lock (Store.Gate)
        {
            var findings = Check();
            _findings.Clear();
            return findings;
        }
    }

    // Some say that it detaches the disk, and others that it does not: nobody may build on either. Here it does.
    internal void LeftOut(ArmResource machine, string disk) => _findings.Add($"a PATCH of {machine.Name} leaves the disk {disk} out of its list, and whether that detaches it is disputed");

    internal void Attached(DiskResource disk)
    {
        if (disk.Owners.Count > (disk.Properties.Whole("maxShares") ?? 1))
        {
            _findings.Add($"the disk {disk.Name} is attached to {string.Join(" and ", disk.Owners)}");
        }
    }

    internal void Deleted(DiskResource disk)
    {
        if (disk.Moving is { } operation)
        {
            _findings.Add($"the disk {disk.Name} is deleted while {operation.Target.Name} has an operation '{operation.Action}' on it");
        }

        if (disk.HoldsData && !_expendable.Contains(disk.Name) && !HasCopy(disk))
        {
            _findings.Add($"the disk {disk.Name} is deleted, and there is no copy of its data");
        }
    }

    internal void Deleted(SnapshotResource snapshot)
    {
        if (Store.Of<DiskResource>().FirstOrDefault(disk => disk.Source == snapshot.UniqueId && disk.Hydrating) is { } disk)
        {
            _findings.Add($"the snapshot {snapshot.Name} is deleted while the disk {disk.Name} is being filled from it");
        }

        if (snapshot.Source is { } source && !_expendable.Contains(snapshot.Name) && !Store.Of<DiskResource>().Any(disk => disk.UniqueId == source) && !HasCopy(snapshot))
        {
            _findings.Add($"the snapshot {snapshot.Name} is deleted, and its disk is gone too");
        }
    }

    private bool HasCopy(StorageResource of) => Store.Of<StorageResource>().Any(copy => copy.Source == of.UniqueId && !copy.Hydrating && copy.ProvisioningState == "Succeeded");
}
