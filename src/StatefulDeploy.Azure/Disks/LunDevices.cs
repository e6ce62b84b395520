using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Disks;

/// <summary>
/// Data disks inside a machine: by the links that Azure's rules for udev make of the logical unit number, on SCSI below scsi1 and on NVMe
/// (azure-vm-utils) below data/by-lun. Names such as /dev/sdc change with every boot and are never used.
/// </summary>
internal sealed class LunDevices(TimeProvider clock)
{
    private const string Links = "for link in /dev/disk/azure/scsi1/lun$1 /dev/disk/azure/data/by-lun/$1; do [ ! -e \"$link\" ] || { readlink -f \"$link\"; exit 0; }; done; exit 1";

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    private static readonly Dictionary<string, string?> Plain = new(StringComparer.Ordinal)
    {
        ["LC_ALL"] = "C",
        ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    };

    /// <summary>Waits until a machine sees the disk of a volume at its number, and sees that it is that disk.</summary>
    /// <exception cref="UpgradeException">It does not appear, or another file system is there.</exception>
    public async Task WaitUntilThereAsync(IHost host, VolumeDescription volume, int lun, TimeSpan patience, CancellationToken cancellationToken)
    {
        for (var since = clock.GetTimestamp(); ; await Task.Delay(Poll, clock, cancellationToken))
        {
            if (await FindAsync(host, lun, cancellationToken) is { } device)
            {
                var uuid = (await RunAsync(host, "blkid", ["-p", "-o", "value", "-s", "UUID", device], cancellationToken)).Output.Trim();
                if (string.Equals(uuid, volume.Uuid, StringComparison.OrdinalIgnoreCase))
                    return;
                if (clock.GetElapsedTime(since) > patience)
                    throw Other(host, volume, lun, device, uuid);
            }
            else if (await SeesAsync(host, volume, cancellationToken))
            {
                // A machine without those links: its file system says what it is.
                return;
            }

            if (clock.GetElapsedTime(since) > patience)
                throw Missing(host, volume, lun, patience);
        }
    }

    /// <summary>Waits until a machine sees the file system of a volume no more.</summary>
    /// <exception cref="UpgradeException">It goes on seeing it.</exception>
    public async Task WaitUntilGoneAsync(IHost host, VolumeDescription volume, TimeSpan patience, CancellationToken cancellationToken)
    {
        for (var since = clock.GetTimestamp(); await SeesAsync(host, volume, cancellationToken); await Task.Delay(Poll, clock, cancellationToken))
        {
            if (clock.GetElapsedTime(since) > patience)
                throw new UpgradeException("VolumeDetachFailed", $"Azure has detached volume '{volume.Name}', but host '{host.Name}' still sees its disk after {Quantity.Text(patience)}.", "See whether azure.machines names the machine that this host is.", FailureCategory.Timeout) { Target = volume.Name };
        }
    }

    private static async Task<string?> FindAsync(IHost host, int lun, CancellationToken cancellationToken)
    {
        var found = await RunAsync(host, "sh", ["-c", Links, "sh", lun.ToString(CultureInfo.InvariantCulture)], cancellationToken);
        return found.ExitCode == 0 ? found.Output.Trim() : null;
    }

    private static async Task<bool> SeesAsync(IHost host, VolumeDescription volume, CancellationToken cancellationToken) =>
        (await RunAsync(host, "blkid", ["-c", "/dev/null", "-o", "device", "-t", $"UUID={volume.Uuid}"], cancellationToken)).ExitCode == 0;

    private static Task<CommandResult> RunAsync(IHost host, string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        host.RunAsync(new HostCommand(program, arguments) { Environment = Plain }, cancellationToken);

    private static UpgradeException Missing(IHost host, VolumeDescription volume, int lun, TimeSpan patience) => new(
        "VolumeAttachFailed",
        $"Azure has attached volume '{volume.Name}' at LUN {lun}, but host '{host.Name}' did not see its disk within {Quantity.Text(patience)}.",
        "See whether azure.machines names the machine that this host is, and what its kernel log says (dmesg).",
        FailureCategory.Timeout)
    { Target = volume.Name };

    private static UpgradeException Other(IHost host, VolumeDescription volume, int lun, string device, string uuid) => new(
        "WrongDisk",
        $"{device}, the disk at LUN {lun} of host '{host.Name}', has {(uuid.Length > 0 ? $"the file system {uuid}" : "no file system")}, and volume '{volume.Name}' is {volume.Uuid}.",
        "Correct 'disk' or 'uuid' of the volume in the service file.",
        FailureCategory.Refused)
    { Target = volume.Name };
}
