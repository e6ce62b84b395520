using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Volumes;

/// <summary>Takes a volume from one host to another: unmount, detach, attach, mount. Can be run twice, from wherever it stopped.</summary>
internal sealed class VolumeMove(VolumeScene scene, IReporter reporter, TimeProvider clock)
{
    private readonly VolumeMounts _mounts = new(scene.Service, clock);
    private readonly VolumeInventory _inventory = new(scene);

    /// <summary>Mounts a volume on the host of a node.</summary>
    /// <exception cref="UpgradeException">It cannot be; the volume is where it was, or the message says where.</exception>
    internal async Task ToAsync(VolumeDescription volume, IHost target, CancellationToken cancellationToken)
    {
        var at = await _inventory.LocateAsync(volume, cancellationToken);
        if (at is { Mounts.Count: > 0 } && at.Host.Name == target.Name)
        {
            Tell($"Volume '{volume.Name}' is mounted on host '{target.Name}' already.");
            await _mounts.MountAsync(volume, target, cancellationToken);
            return;
        }

        await RequireRoomAsync(volume, at, target, cancellationToken);
        // A detachment that was interrupted may have left its host without the disk, but with the claim on it.
        var others = at is null ? scene.HostNames.Where(name => name != target.Name) : at.Host.Name == target.Name ? [] : [at.Host.Name];
        foreach (var name in others)
        {
            await TakeOffAsync(volume, scene.Hosts[name], cancellationToken);
        }

        await PutOnAsync(volume, at?.Host, target, cancellationToken);
    }

    /// <summary>Unmounts a volume and detaches it from a host.</summary>
    internal async Task TakeOffAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        await _mounts.UnmountAsync(volume, host, cancellationToken);
        Tell($"Volume '{volume.Name}' is unmounted on host '{host.Name}'.");
        await scene.ProviderOf(volume).DetachAsync(volume, host, cancellationToken);
        Tell($"Volume '{volume.Name}' is detached from host '{host.Name}'.");
    }

    // What can be found out beforehand is, while the volume is still where it serves.
    private async Task RequireRoomAsync(VolumeDescription volume, VolumeSight? at, IHost target, CancellationToken cancellationToken)
    {
        if (at?.Host.Name != target.Name)
        {
            await scene.ProviderOf(volume).RequireAttachableAsync(volume, target, cancellationToken);
        }

        await VolumeMounts.RequireFreeMountPointAsync(volume, target, cancellationToken);
    }

    private async Task PutOnAsync(VolumeDescription volume, IHost? source, IHost target, CancellationToken cancellationToken)
    {
        try
        {
            await scene.ProviderOf(volume).AttachAsync(volume, target, cancellationToken);
            Tell($"Volume '{volume.Name}' is attached to host '{target.Name}'.");
            await _mounts.MountAsync(volume, target, cancellationToken);
            Tell($"Volume '{volume.Name}' is mounted at '{volume.MountPoint}' on host '{target.Name}'.");
        }
        catch (Exception failure) when (source is not null && source.Name != target.Name)
        {
            throw await BackAsync(volume, source, target, failure);
        }
    }

    // The caller's token may be what ended it: going back must not end with it.
    private async Task<Exception> BackAsync(VolumeDescription volume, IHost source, IHost target, Exception failure)
    {
        try
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5), clock);
            await TakeOffAsync(volume, target, deadline.Token);
            await scene.ProviderOf(volume).AttachAsync(volume, source, deadline.Token);
            await _mounts.MountAsync(volume, source, deadline.Token);
            Tell($"Volume '{volume.Name}' is back on host '{source.Name}'.");
            return failure;
        }
        catch (Exception back) when (back is UpgradeException or OperationCanceledException)
        {
            return new UpgradeException(
                "VolumeStranded",
                $"Volume '{volume.Name}' could not be put on host '{target.Name}' ({failure.Message}), nor back on host '{source.Name}' ({back.Message}).",
                $"Mend what the messages name, then move it again with Move-ClusterVolume -Volume {volume.Name}. Its data was not touched.",
                FailureCategory.OperationFailed,
                failure)
            { Target = volume.Name };
        }
    }

    private void Tell(string message) => reporter.Report(new ReportEvent(ReportLevel.Verbose, message));
}
