using System.Text.Json;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Volumes;

/// <summary>Finds block devices by what is on them: the devices themselves are read, no cache and no links of udev, which may tell of yesterday.</summary>
internal static class BlockDevices
{
    private const int NothingFound = 2;

    /// <summary>The device with the volume's file system; null when the host has none.</summary>
    /// <exception cref="UpgradeException">There are several, or the one that there is is another disk or has another file system.</exception>
    internal static async Task<BlockDevice?> FindAsync(IHost host, VolumeDescription volume, CancellationToken cancellationToken)
    {
        string[] search = ["-c", "/dev/null", "-o", "device", "-t", $"UUID={volume.Uuid}"];
        var found = await host.TryAsync("blkid", search, cancellationToken);
        if (found.ExitCode == NothingFound)
        {
            return null;
        }

        if (found.ExitCode != 0)
        {
            throw HostPrograms.Failed(host, "blkid", search, found);
        }

        var paths = found.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return paths switch
        {
            [] => null,
            [var path] => await ReadAsync(host, path, volume, cancellationToken),
            _ => throw new UpgradeException(
                "VolumeAmbiguous",
                $"Host '{host.Name}' has {paths.Length} devices with the UUID of volume '{volume.Name}': {string.Join(", ", paths)}. Which of them holds the data cannot be told.",
                "Detach the copy, or give it another UUID (tune2fs -U random, xfs_admin -U generate).",
                FailureCategory.Refused)
            { Target = volume.Name },
        };
    }

    private static async Task<BlockDevice> ReadAsync(IHost host, string path, VolumeDescription volume, CancellationToken cancellationToken)
    {
        var type = (await host.RequireAsync("blkid", ["-p", "-o", "value", "-s", "TYPE", path], cancellationToken)).Trim();
        var list = await host.RequireAsync("lsblk", ["--json", "--nodeps", "--output", "KNAME,MAJ:MIN,SERIAL,WWN", path], cancellationToken);
        using var document = JsonDocument.Parse(list);
        var row = document.RootElement.GetProperty("blockdevices")[0];
        var device = new BlockDevice(path, Text(row, "kname"), Text(row, "maj:min"), type, Text(row, "serial"), Text(row, "wwn"));
        RequireSame(host, device, volume);
        return device;
    }

    private static void RequireSame(IHost host, BlockDevice device, VolumeDescription volume)
    {
        if (device.FileSystem != volume.FileSystem)
        {
            throw new UpgradeException(
                "WrongFileSystem",
                $"Volume '{volume.Name}' is described with {volume.FileSystem}, but {device.Path} on host '{host.Name}', which has its UUID, has {(device.FileSystem.Length > 0 ? device.FileSystem : "no file system")}.",
                "Correct 'filesystem' or 'uuid' of the volume in the service file.",
                FailureCategory.Refused)
            { Target = volume.Name };
        }

        if (volume.Id is { } id && id != device.Serial && id != device.Wwn)
        {
            throw new UpgradeException(
                "WrongDisk",
                $"Volume '{volume.Name}' is described as the disk '{id}', but {device.Path} on host '{host.Name}', which has its UUID, is the disk '{(device.Serial.Length > 0 ? device.Serial : device.Wwn)}'.",
                "Correct 'id' of the volume in the service file, or attach the right disk: a copy of a disk has the same UUID.",
                FailureCategory.Refused)
            { Target = volume.Name };
        }
    }

    private static string Text(JsonElement row, string name) =>
        row.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()!.Trim() : string.Empty;
}
