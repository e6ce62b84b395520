using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Hosts.Volumes;

/// <summary>
/// Volumes that are image files, on storage that all machines reach. A machine has one as a loop device. A claim beside the image says
/// which machine that is: it is made by a link, which fails if it exists, so that of two machines that want the image one gets it.
/// </summary>
public sealed class ImageFileProvider : IVolumeProvider
{
    /// <inheritdoc/>
    public string Kind => "image";

    /// <inheritdoc/>
    public async Task<bool> IsAttachedAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken) =>
        await OwnerAsync(volume, host, cancellationToken) == host.Name && await DeviceAsync(volume, host, cancellationToken) is not null;

    /// <inheritdoc/>
    public async Task RequireAttachableAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        if ((await host.RunAsync(HostTool.Command("test", "-f", volume.Image!), cancellationToken)).ExitCode != 0)
        {
            throw new UpgradeException("ImageNotFound", $"Host '{host.Name}' has no file '{volume.Image}', the image of volume '{volume.Name}'.", "Correct 'image' of the volume, or mount the storage that holds it.", FailureCategory.NotFound) { Target = volume.Name };
        }

        if (volume.Slot is not { } slot)
        {
            return;
        }

        var taken = await host.RunAsync(HostTool.Command("losetup", "--noheadings", "--output", "BACK-FILE", SlotDevice(slot)), cancellationToken);
        if (taken.ExitCode == 0 && taken.Output.Trim() is { Length: > 0 } other && other != volume.Image)
        {
            throw SlotTaken(volume, host, slot, other);
        }
    }

    /// <inheritdoc/>
    public async Task AttachAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        await RequireAttachableAsync(volume, host, cancellationToken);
        await ClaimAsync(volume, host, cancellationToken);
        if (await DeviceAsync(volume, host, cancellationToken) is not null)
        {
            return;
        }

        string[] where = volume.Slot is { } slot ? [SlotDevice(slot)] : ["--find"];
        await HostTool.RequireAsync(host, "VolumeAttachFailed", volume.Name, HostTool.Command("losetup", [.. where, volume.Image!]), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task DetachAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        if (await OwnerAsync(volume, host, cancellationToken) is { } owner && owner != host.Name)
        {
            return;
        }

        while (await DeviceAsync(volume, host, cancellationToken) is { } device)
        {
            await HostTool.RequireAsync(host, "VolumeDetachFailed", volume.Name, HostTool.Command("losetup", "--detach", device), cancellationToken);
            await RequireGoneAsync(volume, host, device, cancellationToken);
        }

        await HostTool.RequireAsync(host, "VolumeDetachFailed", volume.Name, HostTool.Command("rm", "-f", ClaimOf(volume)), cancellationToken);
    }

    // losetup succeeds on a device that is in use, and detaches it whenever it is free.
    private static async Task RequireGoneAsync(VolumeDescription volume, IHost host, string device, CancellationToken cancellationToken)
    {
        for (var attempt = 0; await DeviceAsync(volume, host, cancellationToken) == device; attempt++)
        {
            if (attempt == 50)
            {
                throw new UpgradeException("VolumeDetachFailed", $"Device {device} of volume '{volume.Name}' on host '{host.Name}' is still in use.", "See who holds it (losetup, fuser), then do it again.", FailureCategory.Busy) { Target = volume.Name };
            }

            await Task.Delay(100, cancellationToken);
        }
    }

    private static async Task ClaimAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        var claim = ClaimOf(volume);
        var own = $"{claim}.{Guid.NewGuid():N}";
        await host.WriteFileAsync(own, host.Name + "\n", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, cancellationToken);
        var link = await host.RunAsync(HostTool.Command("ln", own, claim), cancellationToken);
        await host.RunAsync(HostTool.Command("rm", "-f", own), cancellationToken);
        if (link.ExitCode == 0)
        {
            return;
        }

        var owner = await OwnerAsync(volume, host, cancellationToken);
        if (owner != host.Name)
        {
            throw new UpgradeException(
                "VolumeAttachedElsewhere",
                owner is null
                    ? $"Volume '{volume.Name}' cannot be claimed for host '{host.Name}': {HostTool.Said(link)}"
                    : $"Volume '{volume.Name}' is attached to host '{owner}', as '{claim}' says; it is attached to one machine at a time.",
                "Detach it there. If that machine is gone for good, make sure that it is off, then remove the file.",
                FailureCategory.Busy)
            { Target = volume.Name };
        }
    }

    private static async Task<string?> OwnerAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken) =>
        (await host.ReadFileAsync(ClaimOf(volume), cancellationToken))?.Trim();

    private static async Task<string?> DeviceAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        var devices = await HostTool.RequireAsync(host, "VolumeUnreadable", volume.Name, HostTool.Command("losetup", "--noheadings", "--output", "NAME", "--associated", volume.Image!), cancellationToken);
        return devices.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault();
    }

    private static string ClaimOf(VolumeDescription volume) => volume.Image + ".attached";

    private static string SlotDevice(int slot) => "/dev/loop" + slot.ToString(CultureInfo.InvariantCulture);

    private static UpgradeException SlotTaken(VolumeDescription volume, IHost host, int slot, string other) => new(
        "SlotTaken",
        $"Slot {slot} of host '{host.Name}', in which volume '{volume.Name}' is to be, is taken by '{other}'.",
        "Detach that one, or describe another 'slot', or none, for any that is free.",
        FailureCategory.Refused)
    { Target = volume.Name };
}
