using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Volumes;

/// <summary>Checks a file system before it is mounted, where it asks for it itself.</summary>
internal static class FileSystemCheck
{
    // e2fsck(8): 1 means that errors were corrected, 2 that the machine should be restarted for it, from 4 on that errors are left.
    private const int Uncorrected = 4;

    internal static async Task RunAsync(VolumeDescription volume, IHost host, BlockDevice device, CancellationToken cancellationToken)
    {
        // XFS replays its log when it is mounted, and refuses to be mounted when it is damaged; its checker would not touch a log that is not empty.
        if (volume.FileSystem != "ext4")
        {
            return;
        }

        // It looks at the superblock, replays the journal, and goes through everything only if the superblock says so.
        var result = await host.TryAsync("e2fsck", ["-p", device.Path], cancellationToken);
        if (result.ExitCode >= Uncorrected)
        {
            throw Damaged(volume, host, HostPrograms.Said(result));
        }
    }

    internal static UpgradeException Damaged(VolumeDescription volume, IHost host, string said) => new(
        "FileSystemDamaged",
        $"The file system of volume '{volume.Name}' is damaged, and is not mounted on host '{host.Name}': {said}",
        volume.FileSystem == "ext4" ? "Take an image of the disk, then repair it with e2fsck." : "Take an image of the disk, then repair it with xfs_repair.",
        FailureCategory.Damaged)
    { Target = volume.Name };
}
