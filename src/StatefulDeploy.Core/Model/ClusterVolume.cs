namespace StatefulDeploy.Model;

/// <summary>A volume of a service, as it was found.</summary>
public sealed record ClusterVolume
{
    /// <summary>The name of the volume.</summary>
    public required string Volume { get; init; }

    /// <summary>The name of the service.</summary>
    public required string Service { get; init; }

    /// <summary>The file that describes the service.</summary>
    public required string Path { get; init; }

    /// <summary>The node whose data lies on it.</summary>
    public required string Node { get; init; }

    /// <summary>The host that has it; empty when none has.</summary>
    public string Host { get; init; } = string.Empty;

    /// <summary>Where it is.</summary>
    public VolumeState State { get; init; }

    /// <summary>The device by which that host knows it now; empty when none has it.</summary>
    public string Device { get; init; } = string.Empty;

    /// <summary>The UUID of its file system.</summary>
    public required string Uuid { get; init; }

    /// <summary>Its file system.</summary>
    public required string FileSystem { get; init; }

    /// <summary>Where it is, or is to be, mounted.</summary>
    public required string MountPoint { get; init; }

    /// <summary>The size of the file system in bytes; null when it is not mounted.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>The free bytes of the file system; null when it is not mounted.</summary>
    public long? FreeBytes { get; init; }

    /// <summary>Whether it carries our mark, which it gets when it is first moved by us.</summary>
    public bool Marked { get; init; }

    /// <summary>The kind of provider that attaches and detaches it.</summary>
    public string Provider { get; init; } = string.Empty;

    /// <summary>What a person should know; empty when all is well.</summary>
    public string Message { get; init; } = string.Empty;
}
