using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Volumes;

/// <summary>Mounts and unmounts the volumes of a service, and proves it. Each can be done twice.</summary>
internal sealed class VolumeMounts(ServiceDescription service, TimeProvider clock)
{
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    // The kernel lets go of a file system a moment after its last mount is gone.
    private static readonly TimeSpan LetGo = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>Refuses a place at which the volume could not be mounted.</summary>
    /// <exception cref="UpgradeException">Something else is mounted there, or the folder under it is not empty.</exception>
    internal static async Task RequireFreeMountPointAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        var mounts = await MountTable.ReadAsync(host, cancellationToken);
        if (mounts.At(volume.MountPoint) is { } other)
        {
            throw new UpgradeException(
                "MountPointTaken",
                $"'{volume.MountPoint}' on host '{host.Name}' already has a file system on it: {other.FileSystem} of {other.Source}.",
                $"Unmount it, or describe another mountPoint for volume '{volume.Name}'.",
                FailureCategory.Refused)
            { Target = volume.Name };
        }

        var content = await host.TryAsync("find", [volume.MountPoint, "-mindepth", "1", "-maxdepth", "1", "-print", "-quit"], cancellationToken);
        if (content.ExitCode == 0 && content.Output.Trim() is { Length: > 0 } file)
        {
            throw new UpgradeException(
                "MountPointNotEmpty",
                $"The folder '{volume.MountPoint}' on host '{host.Name}' is to be a mount point, but holds '{Path.GetFileName(file)}'. Perhaps a server ran there without its volume; the mount would hide what it wrote.",
                "See whether those files are needed, move them away, and do it again.",
                FailureCategory.Refused)
            { Target = volume.Name };
        }
    }

    /// <summary>Checks the file system where it asks for it, mounts it by its UUID, and proves that it is the right one.</summary>
    /// <exception cref="UpgradeException">The host does not have it, it is damaged, or its place is taken.</exception>
    internal async Task MountAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        var device = await RequireDeviceAsync(volume, host, cancellationToken);
        var mounted = (await MountTable.ReadAsync(host, cancellationToken)).Of(device);
        if (mounted.FirstOrDefault(mount => mount.MountPoint != volume.MountPoint) is { } elsewhere)
        {
            throw new UpgradeException(
                "VolumeMountedElsewhere",
                $"Volume '{volume.Name}' is mounted at '{elsewhere.MountPoint}' on host '{host.Name}'; it is to be at '{volume.MountPoint}', and is never mounted twice.",
                $"Unmount '{elsewhere.MountPoint}', or describe it as the volume's mountPoint.",
                FailureCategory.WrongState)
            { Target = volume.Name };
        }

        if (mounted.Count == 0)
        {
            await RequireNoHolderAsync(volume, host, device, TimeSpan.Zero, cancellationToken);
            await RequireFreeMountPointAsync(volume, host, cancellationToken);
            await FileSystemCheck.RunAsync(volume, host, device, cancellationToken);
            await host.CreateFolderAsync(volume.MountPoint, FolderMode, cancellationToken);
            await MountNowAsync(volume, host, device, cancellationToken);
        }

        await RequireInPlaceAsync(volume, host, cancellationToken);
        await VolumeMark.PutAsync(host, service, volume, cancellationToken);
    }

    /// <summary>Marks a volume that is mounted already, by whomever.</summary>
    /// <exception cref="UpgradeException">Nothing, or something else, is mounted there.</exception>
    internal async Task MarkAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        await RequireInPlaceAsync(volume, host, cancellationToken);
        await VolumeMark.PutAsync(host, service, volume, cancellationToken);
    }

    /// <summary>Flushes and unmounts a volume, and proves that the kernel has let go of its device.</summary>
    /// <exception cref="UpgradeException">Somebody holds it: the message names the processes.</exception>
    internal async Task UnmountAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        if (await BlockDevices.FindAsync(host, volume, cancellationToken) is not { } device)
        {
            return;
        }

        foreach (var mount in (await MountTable.ReadAsync(host, cancellationToken)).Of(device).Reverse())
        {
            await UnmountAsync(volume, host, mount.MountPoint, cancellationToken);
        }

        if ((await MountTable.ReadAsync(host, cancellationToken)).Of(device) is [var left, ..])
        {
            throw new UpgradeException("VolumeStillMounted", $"Volume '{volume.Name}' was unmounted, but host '{host.Name}' still has it at '{left.MountPoint}'.", "See who mounts it again.", FailureCategory.Busy) { Target = volume.Name };
        }

        await RequireNoHolderAsync(volume, host, device, LetGo, cancellationToken);
    }

    /// <summary>Refuses the start of a server whose volume is not mounted: it would begin anew on an empty folder.</summary>
    /// <exception cref="UpgradeException">Nothing, or something else, is mounted there.</exception>
    internal async Task RequireMountedAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        await RequireInPlaceAsync(volume, host, cancellationToken);
        var found = await VolumeMark.ReadAsync(host, volume, cancellationToken);
        if (found is null)
        {
            throw new UpgradeException(
                "VolumeNotMarked",
                $"What is mounted at '{volume.MountPoint}' on host '{host.Name}' has the UUID of volume '{volume.Name}', but not our mark: it may have been formatted anew with the same UUID.",
                "See that the data is on it; Move-ClusterVolume marks a volume that it mounts.",
                FailureCategory.Refused)
            { Target = volume.Name };
        }

        if (found != VolumeMark.Of(service, volume))
        {
            throw VolumeMark.Foreign(host, volume, found);
        }
    }

    /// <summary>Sees that what is mounted at the volume's mount point is the volume, marked or not.</summary>
    /// <exception cref="UpgradeException">Nothing, or something else, is mounted there.</exception>
    internal static async Task RequireInPlaceAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        var device = await BlockDevices.FindAsync(host, volume, cancellationToken);
        var mount = (await MountTable.ReadAsync(host, cancellationToken)).At(volume.MountPoint);
        if (device is null || mount is null || mount.Number != device.Number)
        {
            throw new UpgradeException(
                "VolumeNotMounted",
                $"Volume '{volume.Name}' is not mounted at '{volume.MountPoint}' on host '{host.Name}': {(mount is null ? "it is an empty mount point" : $"{mount.FileSystem} of {mount.Source} is")}.",
                $"Mount it with Move-ClusterVolume -Volume {volume.Name}. No server is started there before.",
                FailureCategory.WrongState)
            { Target = volume.Name };
        }
    }

    private static async Task<BlockDevice> RequireDeviceAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken) =>
        await BlockDevices.FindAsync(host, volume, cancellationToken)
        ?? throw new UpgradeException(
            "VolumeNotFound",
            $"No device on host '{host.Name}' has the file system {volume.Uuid} of volume '{volume.Name}'.",
            "Attach the disk to this host; blkid lists what the host has.",
            FailureCategory.NotFound)
        { Target = volume.Name };

    // The device was just found by the UUID on it; mount's own UUID= may be answered from a cache of devices that are gone. Afterwards the
    // UUID is looked for again, and what is mounted must be that device.
    private static async Task MountNowAsync(VolumeDescription volume, IHost host, BlockDevice device, CancellationToken cancellationToken)
    {
        string[] options = volume.Options is { } given ? ["-o", given] : [];
        var result = await host.TryAsync("mount", ["-t", volume.FileSystem, .. options, device.Path, volume.MountPoint], cancellationToken);
        if (result.ExitCode == 0)
        {
            return;
        }

        var said = HostPrograms.Said(result);
        throw said.Contains("needs cleaning", StringComparison.OrdinalIgnoreCase) || said.Contains("bad superblock", StringComparison.OrdinalIgnoreCase)
            ? FileSystemCheck.Damaged(volume, host, said)
            : new UpgradeException("MountFailed", $"Volume '{volume.Name}' cannot be mounted at '{volume.MountPoint}' on host '{host.Name}': {said}", "See what the host's kernel log says of it (dmesg).") { Target = volume.Name };
    }

    private static async Task UnmountAsync(VolumeDescription volume, IHost host, string mountPoint, CancellationToken cancellationToken)
    {
        var flushed = await host.TryAsync("sync", ["--file-system", mountPoint], cancellationToken);
        var result = await host.TryAsync("umount", [mountPoint], cancellationToken);
        if (result.ExitCode == 0)
        {
            RequireFlushed(volume, host, flushed);
            return;
        }

        var mounts = await MountTable.ReadAsync(host, cancellationToken);
        if (mounts.At(mountPoint) is null)
        {
            return;
        }

        var holders = await Holders.FindAsync(host, mountPoint, cancellationToken);
        var below = mounts.Below(mountPoint);
        var who = holders.Count > 0 ? Holders.Text(holders)
            : below.Count > 0 ? $"{below[0].FileSystem} is mounted below it at '{below[0].MountPoint}'"
            : $"the kernel does not say who; umount says: {HostPrograms.Said(result)}";
        throw new UpgradeException(
            "VolumeBusy",
            $"Volume '{volume.Name}' at '{mountPoint}' on host '{host.Name}' is held: {who}.",
            "Stop what holds it, then do it again. Nothing was moved.",
            FailureCategory.Busy)
        { Target = volume.Name };
    }

    // A file system that its disk failed under is flushed never again; unmounted it can be checked, and mounted anew where the disk is well again.
    private static void RequireFlushed(VolumeDescription volume, IHost host, CommandResult flushed)
    {
        if (flushed.ExitCode != 0)
        {
            throw new UpgradeException(
                "VolumeNotFlushed",
                $"Volume '{volume.Name}' is unmounted on host '{host.Name}', but what was last written to it could not be flushed: {HostPrograms.Said(flushed)}",
                "See what the host's kernel log says of its disk (dmesg), and mend or replace it. When it is mounted the next time, its file system is checked.",
                FailureCategory.OperationFailed)
            { Target = volume.Name };
        }
    }

    // /sys/fs/ext4 and /sys/fs/xfs have a folder a live file system: it is there as long as any mount of any namespace, or an open file of
    // one that was detached lazily, keeps it.
    private async Task RequireNoHolderAsync(VolumeDescription volume, IHost host, BlockDevice device, TimeSpan patience, CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        while (await IsHeldAsync(volume, host, device, cancellationToken))
        {
            if (clock.GetElapsedTime(since) >= patience)
            {
                var others = await Holders.FindMountsAsync(host, device, cancellationToken);
                throw new UpgradeException(
                    "VolumeStillHeld",
                    $"Volume '{volume.Name}' ({device.Path} on host '{host.Name}') is not mounted where we see it, but the kernel still holds it: {(others.Count > 0 ? Holders.Text(others) : "by an open file of a lazy unmount, or by another device upon it")}.",
                    "End what holds it, then do it again.",
                    FailureCategory.Busy)
                { Target = volume.Name };
            }

            await Task.Delay(Poll, clock, cancellationToken);
        }
    }

    private static async Task<bool> IsHeldAsync(VolumeDescription volume, IHost host, BlockDevice device, CancellationToken cancellationToken)
    {
        var alive = await host.TryAsync("test", ["-e", $"/sys/fs/{volume.FileSystem}/{device.KernelName}"], cancellationToken);
        if (alive.ExitCode == 0)
        {
            return true;
        }

        var upon = await host.TryAsync("find", [$"/sys/class/block/{device.KernelName}/holders", "-mindepth", "1", "-print", "-quit"], cancellationToken);
        return upon.ExitCode == 0 && upon.Output.Trim().Length > 0;
    }
}
