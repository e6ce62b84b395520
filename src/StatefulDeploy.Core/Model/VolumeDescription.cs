namespace StatefulDeploy.Model;

/// <summary>A volume with the data of one node, as the service file describes it. It is known by the UUID of its file system, never by a device's name, which changes with every boot.</summary>
public sealed record VolumeDescription
{
    /// <summary>The name of the volume, unique in its service.</summary>
    public required string Name { get; init; }

    /// <summary>The name of the node whose data lies on it.</summary>
    public required string Node { get; init; }

    /// <summary>The UUID of its file system, as <c>blkid</c> tells it.</summary>
    public required string Uuid { get; init; }

    /// <summary>Its file system: <c>ext4</c> or <c>xfs</c>.</summary>
    public required string FileSystem { get; init; }

    /// <summary>Where it is mounted, on whatever host.</summary>
    public required string MountPoint { get; init; }

    /// <summary>Mount options, as <c>mount -o</c> takes them; null for the system's own.</summary>
    public string? Options { get; init; }

    /// <summary>The kind of provider that attaches and detaches it, such as <c>device</c>.</summary>
    public string Provider { get; init; } = "device";

    /// <summary>The serial number or World Wide Name that the disk must have; null when the UUID is enough.</summary>
    public string? Id { get; init; }

    /// <summary>For the provider <c>image</c>: the file that is the disk.</summary>
    public string? Image { get; init; }

    /// <summary>For the provider <c>azure</c>: the managed disk, by its name in the service's resource group or by its id.</summary>
    public string? Disk { get; init; }

    /// <summary>For the provider <c>azure</c>: the host's caching, <c>None</c>, <c>ReadOnly</c> or <c>ReadWrite</c>; null for what it was where the disk comes from.</summary>
    public string? Caching { get; init; }

    /// <summary>The number of the slot (the LUN) that it takes on a machine; null for any.</summary>
    public int? Slot { get; init; }

    /// <summary>For the provider <c>command</c>: the program and arguments that attach it.</summary>
    public IReadOnlyList<string> Attach { get; init; } = [];

    /// <summary>For the provider <c>command</c>: the program and arguments that detach it.</summary>
    public IReadOnlyList<string> Detach { get; init; } = [];

    /// <summary>Whether it is reached over a network, which costs latency that a disk in the machine has not.</summary>
    public bool NetworkAttached { get; init; }

    /// <summary>The volume's name and UUID.</summary>
    public override string ToString() => $"{Name} (UUID {Uuid})";
}
