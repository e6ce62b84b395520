using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Hosts.Volumes;

/// <summary>
/// Volumes that the user's own commands attach and detach: a cloud's command line, iSCSI, a storage array. They run on the machine of the
/// operator and are told volume, UUID, host and slot in their environment; we wait until the host has the disk, or has it no more.
/// </summary>
/// <param name="local">The machine on which the commands run.</param>
public sealed class CommandProvider(IHost local) : IVolumeProvider
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public string Kind => "command";

    /// <inheritdoc/>
    public Task<bool> IsAttachedAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken) =>
        DeviceOnHost.IsThereAsync(host, volume.Uuid, cancellationToken);

    /// <inheritdoc/>
    public Task RequireAttachableAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task AttachAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        if (await DeviceOnHost.IsThereAsync(host, volume.Uuid, cancellationToken))
        {
            return;
        }

        await RunAsync(volume, host, volume.Attach, "VolumeAttachFailed", cancellationToken);
        if (!await DeviceOnHost.WaitAsync(host, volume.Uuid, there: true, Patience, cancellationToken))
        {
            throw new UpgradeException("VolumeAttachFailed", $"The command that attaches volume '{volume.Name}' ended well, but host '{host.Name}' did not see the disk within {Quantity.Text(Patience)}.", "See whether the command attaches to the right machine.", FailureCategory.Timeout) { Target = volume.Name };
        }
    }

    /// <inheritdoc/>
    public async Task DetachAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        if (!await DeviceOnHost.IsThereAsync(host, volume.Uuid, cancellationToken))
        {
            return;
        }

        await RunAsync(volume, host, volume.Detach, "VolumeDetachFailed", cancellationToken);
        if (!await DeviceOnHost.WaitAsync(host, volume.Uuid, there: false, Patience, cancellationToken))
        {
            throw new UpgradeException("VolumeDetachFailed", $"The command that detaches volume '{volume.Name}' ended well, but host '{host.Name}' still saw the disk after {Quantity.Text(Patience)}.", "See whether the command detaches from the right machine.", FailureCategory.Timeout) { Target = volume.Name };
        }
    }

    private async Task RunAsync(VolumeDescription volume, IHost host, IReadOnlyList<string> command, string errorId, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["STATEFULDEPLOY_VOLUME"] = volume.Name,
            ["STATEFULDEPLOY_VOLUME_UUID"] = volume.Uuid,
            ["STATEFULDEPLOY_VOLUME_ID"] = volume.Id ?? string.Empty,
            ["STATEFULDEPLOY_HOST"] = host.Name,
            ["STATEFULDEPLOY_SLOT"] = volume.Slot?.ToString(CultureInfo.InvariantCulture) ?? string.Empty,
        };
        await HostTool.RequireAsync(local, errorId, volume.Name, new HostCommand(command[0], [.. command.Skip(1)]) { Environment = environment, Timeout = Patience }, cancellationToken);
    }
}
