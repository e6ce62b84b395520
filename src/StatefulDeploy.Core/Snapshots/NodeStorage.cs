using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Volumes;

namespace StatefulDeploy.Snapshots;

/// <summary>Where the data of one node lies, and where snapshots of it go.</summary>
internal sealed record NodeStorage
{
    private readonly string _root;

    private NodeStorage(string root)
    {
        _root = root;
    }

    /// <summary>The node.</summary>
    internal required Node Node { get; init; }

    /// <summary>Its host.</summary>
    internal required IHost Host { get; init; }

    /// <summary>The volume that its data lies on; null when none is described.</summary>
    internal VolumeDescription? Volume { get; init; }

    /// <summary>The folder of its data.</summary>
    internal required string Data { get; init; }

    /// <summary>The folder of the archive.</summary>
    internal required string Archive { get; init; }

    /// <summary>Whether the service file names the archive: then it is somebody's storage, and is not made when it is missing.</summary>
    internal required bool ArchiveDescribed { get; init; }

    /// <summary>Our folder on the same file system as the data.</summary>
    internal string Work => Path.Combine(_root, VolumeMark.Folder);

    /// <summary>The folder of hot snapshots.</summary>
    internal string Hot => Path.Combine(Work, "snapshots");

    /// <summary>The storage of a node.</summary>
    /// <exception cref="UpgradeException">Where its data lies is not described.</exception>
    internal static NodeStorage Of(VolumeScene scene, Node node)
    {
        var volume = scene.Service.Volumes.FirstOrDefault(volume => volume.Node == node.Name);
        var data = node.DataDirectory ?? volume?.MountPoint ?? throw new UpgradeException(
            "DataDirectoryUnknown",
            $"The service file does not say where the data of {node} lies.",
            "Describe its 'dataDirectory', or the volume that holds it.",
            FailureCategory.InvalidInput) { Target = node.Name };
        return new NodeStorage(volume?.MountPoint ?? data)
        {
            Node = node,
            Host = scene.Hosts[node.Host],
            Volume = volume,
            Data = data,
            Archive = scene.Service.SnapshotArchive ?? Path.Combine(scene.Service.StateDirectory, "archive"),
            ArchiveDescribed = scene.Service.SnapshotArchive is not null,
        };
    }

    /// <summary>What lies at the top of the data folder and is not data.</summary>
    internal static IReadOnlyList<string> Strangers { get; } = [VolumeMark.Folder, "lost+found"];

    /// <summary>Arguments of find that leave <see cref="Strangers"/> out.</summary>
    internal static IReadOnlyList<string> WithoutStrangers { get; } = [.. Strangers.SelectMany(name => new[] { "!", "-name", name })];
}
