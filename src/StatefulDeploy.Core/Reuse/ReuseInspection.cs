using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Snapshots;
using StatefulDeploy.Volumes;

namespace StatefulDeploy.Reuse;

/// <summary>What stands against reusing the volumes, and what its operator should know; the same for every engine.</summary>
/// <param name="platform">Providers and engines.</param>
/// <param name="context">Both clusters, whole.</param>
internal sealed class ReuseInspection(IPlatform platform, EngineContext context) : IDisposable
{
    private readonly List<Finding> _findings = [];
    private readonly VolumeScene _scene = new()
    {
        Service = context.Service,
        Nodes = [.. context.Source.Nodes, .. context.Target.Nodes],
        Hosts = context.Hosts,
        Providers = platform.CreateVolumeProviders(context.Service, new VolumeConsent(), context.Reporter),
    };

    /// <inheritdoc/>
    public void Dispose() => _scene.Dispose();

    /// <summary>The findings; none for a green that is filled by replication.</summary>
    internal async Task<IReadOnlyList<Finding>> RunAsync(IEngine engine, UpgradeConsent consent, CancellationToken cancellationToken)
    {
        if (!ReusedLayout.IsReusing(context.Target))
            return _findings;

        if (engine.Reuse is null)
            return [Finding.Refuse("StrategyNotSupported", context.Service.Name, $"This release cannot upgrade {engine.DisplayName} by {UpgradeStrategy.VolumeReuse}.", $"Use the strategy {UpgradeStrategy.Mirror}.")];

        var transfers = ReusedLayout.Transfers(context.Service, context.Source, context.Target);
        if (transfers.Any(transfer => transfer.IsOutage))
            await InspectOutageAsync(engine, consent, cancellationToken);
        else
            InspectRedundancy();

        InspectFolders();
        foreach (var transfer in transfers)
        {
            await InspectAsync(transfer, cancellationToken);
        }

        _findings.AddRange(await engine.Reuse.InspectAsync(context, transfers, cancellationToken));
        return _findings;
    }

    private async Task InspectOutageAsync(IEngine engine, UpgradeConsent consent, CancellationToken cancellationToken)
    {
        if (context.Source.Shards.Count > 1)
        {
            _findings.Add(Finding.Refuse("NoReplicas", context.Service.Name, "Shards without replicas are down while their volumes move, and those of this service are switched at once.", "Give each shard a router of its own (ShardByShard), add replicas, or use the strategy Mirror."));
            return;
        }

        var writer = context.Source.Writer;
        if ((await engine.Preflight.ProbeAsync(writer, context, cancellationToken)) is not { Reachable: true })
            return; // That it does not answer is a finding of its own.

        var length = Quantity.Text(OutageEstimate.Of(context, await engine.Preflight.MeasureAsync(context, cancellationToken)));
        var what = $"{writer} has no replica: from the moment that it ends until its successor is opened nobody serves, neither reads nor writes; about {length}. No deadline ends that by itself: if whoever runs the upgrade dies, its keeper goes on. The data cannot be compared and no suite runs before the switch.";
        _findings.Add(consent.AllowOutage
            ? Finding.Warn("PlannedOutage", writer.Name, what, "You consented to it. Tell those who use the service.")
            : Finding.Refuse("OutageNotAllowed", writer.Name, what, "Consent with -AllowOutage (--allow-outage), add a replica with a volume of its own, or use the strategy Mirror, which closes writes for a moment only."));
    }

    private void InspectRedundancy()
    {
        var wanted = context.Service.DataClass.HotReplicas;
        foreach (var shard in context.Source.Shards)
        {
            var left = shard.Replicas.Count() - 1;
            if (left < wanted)
                _findings.Add(Finding.Refuse("TooFewReplicasLeft", $"shard {shard.Name}", $"While volumes move, and until the old writer's has joined green, there is one replica fewer: {left}; data class '{context.Service.DataClass.Name}' asks for {wanted}.", "Add a replica, choose another data class, or use the strategy Mirror."));
            else
                _findings.Add(Finding.Inform("RedundancyReduced", $"shard {shard.Name}", $"From the first volume that moves until the old writer's has joined green there is one replica fewer: {left}. A switch that is taken back leaves blue's writer without replicas until their volumes are back."));
        }
    }

    // What decides a window, and what an upgrade is resumed by, stays where it is.
    private void InspectFolders()
    {
        foreach (var (folder, key) in new[] { (context.Service.GuardDirectory, "guard"), (context.Service.StateDirectory, "state") })
        {
            if (context.Service.Volumes.FirstOrDefault(volume => folder == volume.MountPoint || folder.StartsWith(volume.MountPoint + "/", StringComparison.Ordinal)) is { } volume)
                _findings.Add(Finding.Refuse("GuardOnVolume", volume.Name, $"The folder '{folder}' is on volume '{volume.Name}', which moves.", $"Set '{key}' in the service file to a folder on a disk that stays in its machine."));
        }
    }

    private async Task InspectAsync(NodeTransfer transfer, CancellationToken cancellationToken)
    {
        var (volume, from, to) = transfer;
        if (volume.NetworkAttached)
            _findings.Add(Finding.Warn("NetworkVolume", volume.Name, $"Volume '{volume.Name}' is reached over a network, which costs each write a round trip.", "Its latency is measured on both machines before the new server starts; keep them near to the storage."));

        try
        {
            var found = await new VolumeInventory(_scene).DescribeAsync(volume, cancellationToken);
            if (found.State != VolumeState.Mounted || found.Host != from.Host)
            {
                _findings.Add(Finding.Refuse("VolumeNotInPlace", volume.Name, $"Volume '{volume.Name}' should be mounted at '{volume.MountPoint}' on host '{from.Host}', where {from} runs; it is {found.State}{(found.Host.Length > 0 ? $" on host '{found.Host}'" : string.Empty)}. {found.Message}".TrimEnd(), "Correct the volume in the service file, or mount it where its server runs."));
                return;
            }

            await InspectRoomAsync(volume, from, cancellationToken);
            if (transfer.ChangesHost && _scene.Hosts[to.Host] is { Exists: true } host)
            {
                await _scene.ProviderOf(volume).RequireAttachableAsync(volume, host, cancellationToken);
                await VolumeMounts.RequireFreeMountPointAsync(volume, host, cancellationToken);
            }
        }
        catch (UpgradeException exception)
        {
            _findings.Add(Finding.Refuse(exception.ErrorId, volume.Name, exception.Message, exception.RecommendedAction));
        }
    }

    // On xfs a snapshot shares the data's blocks.
    private async Task InspectRoomAsync(VolumeDescription volume, Node from, CancellationToken cancellationToken)
    {
        if (volume.FileSystem == "xfs")
            return;

        var storage = NodeStorage.Of(_scene, from);
        var needed = (await SnapshotFiles.CountAsync(storage.Host, storage.Data, ["!", "-path", storage.Work + "/*"], cancellationToken)).Bytes;
        var free = (await storage.Host.MeasureAsync(volume.MountPoint, cancellationToken)).FreeDiskBytes;
        if (needed > free)
            _findings.Add(Finding.Refuse("SnapshotSpaceMissing", volume.Name, $"The snapshot of {from} takes {Quantity.Text((double)needed)}, and {Quantity.Text((double)free)} are free on volume '{volume.Name}'.", "Make room, or let retention remove older snapshots (Invoke-SnapshotRetention)."));
    }
}
