using System.Text.Json;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Volumes;

/// <summary>The mark by which a volume of ours is told from an empty folder, and from another service's volume: a file in a folder of ours at its root.</summary>
/// <param name="Service">The service whose data it holds.</param>
/// <param name="Volume">Its name there.</param>
/// <param name="Uuid">The UUID of its file system.</param>
internal sealed record VolumeMark(string Service, string Volume, string Uuid)
{
    /// <summary>The folder of ours on a volume, or in a data folder.</summary>
    internal const string Folder = ".statefuldeploy";

    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    internal static VolumeMark Of(ServiceDescription service, VolumeDescription volume) => new(service.Name, volume.Name, volume.Uuid);

    /// <summary>The mark of what is mounted; null when there is none.</summary>
    /// <exception cref="UpgradeException">The mark is damaged.</exception>
    internal static async Task<VolumeMark?> ReadAsync(IHost host, VolumeDescription volume, CancellationToken cancellationToken)
    {
        var path = PathOn(volume);
        try
        {
            return await host.ReadFileAsync(path, cancellationToken) is { } text ? ModelJson.Read<VolumeMark>(text) : null;
        }
        catch (JsonException exception)
        {
            throw new UpgradeException("VolumeMarkDamaged", $"The mark '{path}' on host '{host.Name}' cannot be read: {exception.Message}", $"See that the volume is the one of '{volume.Name}', then remove the file.", FailureCategory.Damaged, exception) { Target = volume.Name };
        }
    }

    /// <summary>Marks a mounted volume, unless it is marked already.</summary>
    /// <exception cref="UpgradeException">It carries the mark of something else.</exception>
    internal static async Task PutAsync(IHost host, ServiceDescription service, VolumeDescription volume, CancellationToken cancellationToken)
    {
        var wanted = Of(service, volume);
        var found = await ReadAsync(host, volume, cancellationToken);
        if (found is not null && found != wanted)
        {
            throw Foreign(host, volume, found);
        }

        if (found is null)
        {
            await host.CreateFolderAsync(Path.Combine(volume.MountPoint, Folder), FolderMode, cancellationToken);
            await host.WriteFileAsync(PathOn(volume), ModelJson.Write(wanted) + "\n", FileMode, cancellationToken);
        }
    }

    internal static UpgradeException Foreign(IHost host, VolumeDescription volume, VolumeMark found) => new(
        "ForeignVolume",
        $"What is mounted at '{volume.MountPoint}' on host '{host.Name}' carries the mark of volume '{found.Volume}' of service '{found.Service}', not of '{volume.Name}'.",
        "Correct the UUID of the volume in the service file, or mount the right volume.",
        FailureCategory.Refused)
    { Target = volume.Name };

    private static string PathOn(VolumeDescription volume) => Path.Combine(volume.MountPoint, Folder, "volume.json");
}
