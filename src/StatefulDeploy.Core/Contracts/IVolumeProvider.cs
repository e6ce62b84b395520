using StatefulDeploy.Model;

namespace StatefulDeploy.Contracts;

/// <summary>Attaches volumes to machines, one at a time. What is on the volume, and whether it is mounted, is not its affair: it is only asked for volumes of which nobody holds anything.</summary>
public interface IVolumeProvider
{
    /// <summary>The kind, as the service file names it.</summary>
    string Kind { get; }

    /// <summary>Whether a volume is attached to a host.</summary>
    Task<bool> IsAttachedAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken);

    /// <summary>Refuses an attachment that cannot be, before the volume is taken from where it is.</summary>
    /// <exception cref="UpgradeException">The slot is taken, or the host cannot have it.</exception>
    Task RequireAttachableAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken);

    /// <summary>Attaches a volume, and returns when the host has it. Nothing when it is attached there already.</summary>
    /// <exception cref="UpgradeException">It is attached to another machine, its slot is taken, or it cannot be had.</exception>
    Task AttachAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken);

    /// <summary>Detaches a volume, and returns when the host has it no more. Nothing when it is not attached there.</summary>
    Task DetachAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken);
}
