using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Hosts.Volumes;

/// <summary>
/// Disks that a host sees by itself: those of the machine on which both versions run, or of a shelf that several machines see. There is
/// nothing to attach or detach; that one machine alone has the disk is kept by never mounting it on a second one.
/// </summary>
public sealed class VisibleDeviceProvider : IVolumeProvider
{
    /// <inheritdoc/>
    public string Kind => "device";

    /// <inheritdoc/>
    public Task<bool> IsAttachedAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken) =>
        DeviceOnHost.IsThereAsync(host, volume.Uuid, cancellationToken);

    /// <inheritdoc/>
    public async Task RequireAttachableAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        if (!await DeviceOnHost.IsThereAsync(host, volume.Uuid, cancellationToken))
        {
            throw new UpgradeException(
                "VolumeNotVisible",
                $"Host '{host.Name}' does not see the disk of volume '{volume.Name}' (UUID {volume.Uuid}), which is described as one that it sees by itself.",
                "Connect the disk to that machine, or describe how it is attached: 'provider: command' with 'attach' and 'detach'.",
                FailureCategory.NotFound)
            { Target = volume.Name };
        }
    }

    /// <inheritdoc/>
    public Task AttachAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken) => RequireAttachableAsync(volume, host, cancellationToken);

    /// <inheritdoc/>
    public Task DetachAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken) => Task.CompletedTask;
}
