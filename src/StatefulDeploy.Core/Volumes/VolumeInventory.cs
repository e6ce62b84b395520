using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Volumes;

/// <summary>Finds where the volumes of a service are, by asking all its hosts.</summary>
internal sealed class VolumeInventory(VolumeScene scene)
{
    /// <summary>What every host of the service has of a volume.</summary>
    internal async Task<IReadOnlyList<VolumeSight>> LookAsync(VolumeDescription volume, CancellationToken cancellationToken) =>
        await Task.WhenAll(scene.HostNames.Select(name => LookAsync(volume, scene.Hosts[name], cancellationToken)));

    /// <summary>A volume as people are shown it.</summary>
    internal async Task<ClusterVolume> DescribeAsync(VolumeDescription volume, CancellationToken cancellationToken)
    {
        var sights = await LookAsync(volume, cancellationToken);
        var (state, at, message) = Judge(volume, sights, scene.HostOf(volume));
        var found = new ClusterVolume
        {
            Volume = volume.Name,
            Service = scene.Service.Name,
            Path = scene.Service.Path,
            Node = volume.Node,
            Host = at?.Host.Name ?? string.Empty,
            State = state,
            Device = at?.Device?.Path ?? string.Empty,
            Uuid = volume.Uuid,
            FileSystem = volume.FileSystem,
            MountPoint = volume.MountPoint,
            Provider = volume.Provider,
            Message = message,
        };
        return state == VolumeState.Mounted ? await WithSizesAsync(found, volume, at!.Host, cancellationToken) : found;
    }

    /// <summary>The one host on which a volume is mounted or attached; null for none.</summary>
    /// <exception cref="UpgradeException">It is on several, or one cannot be asked.</exception>
    internal async Task<VolumeSight?> LocateAsync(VolumeDescription volume, CancellationToken cancellationToken)
    {
        var sights = await LookAsync(volume, cancellationToken);
        if (sights.FirstOrDefault(sight => sight.Failure is not null) is { } failed)
        {
            throw failed.Failure!;
        }

        var (state, at, message) = Judge(volume, sights, scene.HostOf(volume));
        return state == VolumeState.Conflict
            ? throw new UpgradeException("VolumeConflict", $"Volume '{volume.Name}': {message}", "Unmount it everywhere but where its node runs, at the mountPoint of the service file.", FailureCategory.Refused) { Target = volume.Name }
            : at;
    }

    private async Task<VolumeSight> LookAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        try
        {
            var device = await BlockDevices.FindAsync(host, volume, cancellationToken);
            return new VolumeSight
            {
                Host = host,
                Attached = await scene.ProviderOf(volume).IsAttachedAsync(volume, host, cancellationToken),
                Device = device,
                Mounts = device is null ? [] : (await MountTable.ReadAsync(host, cancellationToken)).Of(device),
            };
        }
        catch (UpgradeException failure)
        {
            return new VolumeSight { Host = host, Failure = failure };
        }
    }

    private static (VolumeState State, VolumeSight? At, string Message) Judge(VolumeDescription volume, IReadOnlyList<VolumeSight> sights, string home)
    {
        var mounted = sights.Where(sight => sight.Mounts.Count > 0).ToList();
        if (mounted.Count > 1)
        {
            return (VolumeState.Conflict, mounted[0], $"It is mounted on {mounted.Count} hosts: {string.Join(", ", mounted.Select(sight => sight.Host.Name))}.");
        }

        if (mounted is [{ Mounts: [var first, ..] } one])
        {
            return first.MountPoint == volume.MountPoint && one.Mounts.Count == 1
                ? (VolumeState.Mounted, one, string.Empty)
                : (VolumeState.Conflict, one, $"It is mounted at {string.Join(" and ", one.Mounts.Select(mount => $"'{mount.MountPoint}'"))} on host '{one.Host.Name}' instead of '{volume.MountPoint}'.");
        }

        if (sights.FirstOrDefault(sight => sight.Failure is not null) is { } failed)
        {
            return (failed.Unanswered ? VolumeState.Unknown : VolumeState.Conflict, failed.Unanswered ? null : failed, failed.Failure!.Message);
        }

        // A disk that several machines can see is nobody's until one mounts it: its node's host comes first.
        var attached = sights.Where(sight => sight.Attached).OrderBy(sight => sight.Host.Name == home ? 0 : 1).FirstOrDefault();
        return attached is null ? (VolumeState.Detached, null, string.Empty) : (VolumeState.Attached, attached, string.Empty);
    }

    private static async Task<ClusterVolume> WithSizesAsync(ClusterVolume found, VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        var numbers = (await host.RequireAsync("stat", ["--file-system", "--format", "%S %b %a", volume.MountPoint], cancellationToken)).Trim().Split(' ')
            .Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToList();
        return found with
        {
            SizeBytes = numbers[0] * numbers[1],
            FreeBytes = numbers[0] * numbers[2],
            Marked = await VolumeMark.ReadAsync(host, volume, cancellationToken) is not null,
        };
    }
}
