using StatefulDeploy.Azure.Arm;

namespace StatefulDeploy.Azure.Disks;

/// <summary>That a machine is to have a disk, or to have it no more.</summary>
/// <param name="Disk">The disk.</param>
/// <param name="Attach">Whether it is to have it.</param>
internal sealed record DiskChange(ResourceId Disk, bool Attach)
{
    /// <summary>The number that it is to have; null for any.</summary>
    public int? Lun { get; init; }

    /// <summary>The host's caching.</summary>
    public string Caching { get; init; } = DiskCaching.None;

    /// <summary>Whether the write accelerator is to be on.</summary>
    public bool WriteAccelerator { get; init; }

    /// <summary>Whether it was consented to that the disk is taken from a machine that does not let go of it in time.</summary>
    public bool MayForce { get; init; }

    /// <summary>For people.</summary>
    public override string ToString() => $"{(Attach ? "attach" : "detach")} {Disk.Name}";
}
