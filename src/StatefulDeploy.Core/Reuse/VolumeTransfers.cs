using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Snapshots;
using StatefulDeploy.Volumes;

namespace StatefulDeploy.Reuse;

/// <summary>
/// Takes the volumes of target's nodes from old servers to new ones, or back. It runs inside the guard, so that nobody who was held up and
/// overtaken goes on with it; what is already done is found in the world (who runs, where the volume is mounted, what it is marked with),
/// so that it can be ended anywhere and done again.
/// </summary>
/// <param name="platform">Providers and engines.</param>
/// <param name="context">Source serves, and its primary is whom every started server follows. Target is green's node that is filled, or blue's writer that gives up its volume.</param>
internal sealed class VolumeTransfers(IPlatform platform, EngineContext context)
{
    private readonly IEngine _engine = platform.FindEngine(context.Service.Engine);
    private readonly VolumeMounts _mounts = new(context.Service, context.Clock);
    private readonly VolumeScene _scene = SceneOf(platform, context);

    private IDataReuse Reuse => _engine.Reuse!;

    /// <summary>Old server to new: snapshot, stop, move, start, catch up.</summary>
    /// <exception cref="UpgradeException">It could not be; what was done stays, for the way back or for doing it again.</exception>
    internal async Task MoveAsync(CancellationToken cancellationToken)
    {
        using var scene = _scene;
        foreach (var transfer in Transfers())
        {
            await MoveAsync(transfer, cancellationToken);
        }
    }

    /// <summary>New server to old: stop, move, the old data where the new server has written its own format, start, catch up.</summary>
    internal async Task ReturnAsync(CancellationToken cancellationToken)
    {
        using var scene = _scene;
        foreach (var transfer in Transfers().Reverse())
        {
            await ReturnAsync(transfer, cancellationToken);
        }
    }

    private async Task MoveAsync(NodeTransfer transfer, CancellationToken cancellationToken)
    {
        if (!await Reuse.IsRunningAsync(transfer.To, context, cancellationToken))
        {
            if (transfer.IsOutage)
            {
                await EndWriterAsync(transfer, cancellationToken);
            }
            else if (await Reuse.IsRunningAsync(transfer.From, context, cancellationToken))
            {
                await SaveAsync(transfer, cancellationToken);
                await Reuse.StopAsync(transfer.From, context, cancellationToken);
                Tell(transfer, $"{transfer.From} is stopped");
            }

            await RequireSavedAsync(transfer, cancellationToken);
            await BringAsync(transfer, transfer.To, cancellationToken);
            await ReadyAsync(transfer, cancellationToken);
        }

        await RequireUnderAsync(transfer, transfer.To, cancellationToken);
        await Reuse.StartNewAsync(transfer, context, cancellationToken);
        Tell(transfer, $"{transfer.To} runs {transfer.To.Version} on its data{(transfer.IsOutage ? string.Empty : " and has caught up")}");
    }

    private async Task ReturnAsync(NodeTransfer transfer, CancellationToken cancellationToken)
    {
        if (!await Reuse.IsRunningAsync(transfer.From, context, cancellationToken))
        {
            await Reuse.StopAsync(transfer.To, context, cancellationToken);
            await BringAsync(transfer, transfer.From, cancellationToken);
            await RestoreAsync(transfer, cancellationToken);
        }

        var host = _scene.Hosts[transfer.From.Host];
        await RequireUnderAsync(transfer, transfer.From, cancellationToken);
        if (transfer.IsOutage)
        {
            // What it writes from now on is not in the snapshot: another try needs one of its own.
            await TransferMark.RemoveAsync(transfer.Volume, host, cancellationToken);
        }

        await Reuse.StartOldAsync(transfer, context, cancellationToken);
        if (transfer.IsOutage)
        {
            await _engine.Gate.OpenAsync(transfer.From, GateContextOf(host), cancellationToken);
        }

        await _engine.Provisioner.RemoveAsync(context, ReusedLayout.Only(GreenWith(transfer.To), transfer.To), cancellationToken);
        await TransferMark.RemoveAsync(transfer.Volume, host, cancellationToken);
        Tell(transfer, $"{transfer.From} runs {transfer.From.Version} again{(transfer.IsOutage ? string.Empty : " and has caught up")}");
    }

    // The only server of a cluster: closed, so that it comes up closed wherever somebody starts it; ended, its data saved; and only then
    // snapshotted, so that the snapshot has all that was ever acknowledged. One of an earlier try, after which it served again, has not.
    private async Task EndWriterAsync(NodeTransfer transfer, CancellationToken cancellationToken)
    {
        var host = _scene.Hosts[transfer.From.Host];
        if (await Reuse.IsRunningAsync(transfer.From, context, cancellationToken))
        {
            await _mounts.MarkAsync(transfer.Volume, host, cancellationToken);
            await TransferMark.RemoveAsync(transfer.Volume, host, cancellationToken);
            await _engine.Gate.CloseAsync(transfer.From, GateContextOf(host), cancellationToken);
            await Reuse.StopAsync(transfer.From, context, cancellationToken);
            Tell(transfer, $"{transfer.From} is closed and stopped");
        }

        if (await new VolumeInventory(_scene).LocateAsync(transfer.Volume, cancellationToken) is { Mounts.Count: > 0 } at && at.Host.Name == host.Name)
        {
            await SaveAsync(transfer, cancellationToken);
        }
    }

    private GateContext GateContextOf(IHost host) => new(context.Service, context.UpgradeId, 0, context.Secrets, host);

    // While the old server still runs, or after it has ended for good: what does not succeed here has touched nothing.
    private async Task SaveAsync(NodeTransfer transfer, CancellationToken cancellationToken)
    {
        var host = _scene.Hosts[transfer.From.Host];
        await _mounts.MarkAsync(transfer.Volume, host, cancellationToken);
        if (await TransferMark.FindAsync(transfer.Volume, context.UpgradeId, host, cancellationToken) is not null)
        {
            return;
        }

        var storage = NodeStorage.Of(_scene, transfer.From);
        await RestoreMark.RequireNoneAsync(storage, cancellationToken);
        var speed = await VolumeSpeed.MeasureAsync(transfer.Volume, host, cancellationToken) ?? new VolumeSpeed(0, 0, 0);
        var snapshot = await new SnapshotTaking(_scene, _engine, context).TakeAsync(storage, cancellationToken);
        await new TransferMark(context.UpgradeId, snapshot.SnapshotId, speed, IsRewritten: false).PutAsync(transfer.Volume, host, cancellationToken);
        Tell(transfer, $"snapshot '{snapshot.SnapshotId}' by {snapshot.Means}; {speed}");
    }

    private async Task BringAsync(NodeTransfer transfer, Node node, CancellationToken cancellationToken)
    {
        var host = _scene.Hosts[node.Host];
        await new VolumeMove(_scene, context.Reporter, context.Clock).ToAsync(transfer.Volume, host, cancellationToken);
        await _mounts.RequireMountedAsync(transfer.Volume, host, cancellationToken);
        if (transfer.ChangesHost)
        {
            Tell(transfer, $"mounted at '{transfer.Volume.MountPoint}' on host '{host.Name}'");
        }
    }

    // Right before a server is started, and for one that runs already: somebody may have unmounted its volume, or started it where none is.
    private async Task RequireUnderAsync(NodeTransfer transfer, Node node, CancellationToken cancellationToken)
    {
        try
        {
            await VolumeMounts.RequireInPlaceAsync(transfer.Volume, _scene.Hosts[node.Host], cancellationToken);
        }
        catch (UpgradeException exception) when (exception.ErrorId == "VolumeNotMounted")
        {
            if (!await Reuse.IsRunningAsync(node, context, cancellationToken))
            {
                throw;
            }

            throw new UpgradeException(
                "ServerWithoutVolume",
                $"{node} runs, and not on its volume: {exception.Message}",
                $"Somebody has started it by hand, or a service manager has. Stop it, look at what it wrote to '{transfer.Volume.MountPoint}' and move that away, then resume the upgrade or undo it.",
                FailureCategory.WrongState,
                exception)
            { Target = node.Name };
        }
    }

    // From here on the old server may not be able to read what is there; that is on disk before it is so.
    private async Task ReadyAsync(NodeTransfer transfer, CancellationToken cancellationToken)
    {
        var host = _scene.Hosts[transfer.To.Host];
        await RequireStoppedAsync(transfer, cancellationToken);
        await _mounts.RequireMountedAsync(transfer.Volume, host, cancellationToken);
        await RestoreMark.RequireNoneAsync(NodeStorage.Of(_scene, transfer.From) with { Host = host }, cancellationToken);
        var mark = await TransferMark.FindAsync(transfer.Volume, context.UpgradeId, host, cancellationToken) ?? throw NotSaved(transfer);
        if (transfer.ChangesHost && !mark.IsRewritten && await VolumeSpeed.MeasureAsync(transfer.Volume, host, cancellationToken) is { } speed)
        {
            Tell(transfer, $"{speed} on host '{host.Name}'");
            if (speed.SlowerThan(mark.Speed) is { } worse)
            {
                context.Reporter.Report(new ReportEvent(ReportLevel.Warning, $"Volume '{transfer.Volume.Name}' is slower on host '{host.Name}' than it was on '{transfer.From.Host}', {worse}: {speed}, where it had {mark.Speed}."));
            }
        }

        await (mark with { IsRewritten = true }).PutAsync(transfer.Volume, host, cancellationToken);
    }

    // Before it is moved: a server that was down when its turn came has no snapshot, and may have more on its disk than anybody knows.
    private async Task RequireSavedAsync(NodeTransfer transfer, CancellationToken cancellationToken)
    {
        var at = await new VolumeInventory(_scene).LocateAsync(transfer.Volume, cancellationToken);
        if (at is { Mounts.Count: > 0 } && await TransferMark.FindAsync(transfer.Volume, context.UpgradeId, at.Host, cancellationToken) is null)
        {
            throw NotSaved(transfer);
        }
    }

    private static UpgradeException NotSaved(NodeTransfer transfer) => new(
        "NodeNotRunning",
        $"{transfer.From} did not run when its turn came, so that no snapshot of volume '{transfer.Volume.Name}' could be taken.",
        $"Start {transfer.From} again, where its volume belongs, and resume the upgrade.",
        FailureCategory.WrongState)
    { Target = transfer.From.Name };

    // Two servers on one folder would ruin it: a service manager may have started the old one again.
    private async Task RequireStoppedAsync(NodeTransfer transfer, CancellationToken cancellationToken)
    {
        if (await Reuse.IsRunningAsync(transfer.From, context, cancellationToken))
        {
            throw new UpgradeException(
                "ServerCameBack",
                $"{transfer.From} was stopped, and something has started it again: {transfer.To} is not started beside it on volume '{transfer.Volume.Name}'.",
                "Describe 'stop' and 'start' of the node, by which its service manager stops and starts it. Then resume the upgrade.",
                FailureCategory.Busy)
            { Target = transfer.From.Name };
        }
    }

    private async Task RestoreAsync(NodeTransfer transfer, CancellationToken cancellationToken)
    {
        var host = _scene.Hosts[transfer.From.Host];
        if (await TransferMark.FindAsync(transfer.Volume, context.UpgradeId, host, cancellationToken) is not { IsRewritten: true } mark)
        {
            return;
        }

        var storage = NodeStorage.Of(_scene, transfer.From);
        var snapshot = (await new SnapshotCatalog(_scene).ListAsync(storage, cancellationToken)).FirstOrDefault(snapshot => snapshot.SnapshotId == mark.SnapshotId)
            ?? throw new UpgradeException("SnapshotNotFound", $"Snapshot '{mark.SnapshotId}' of {transfer.From} is gone, and {transfer.To} has written its own format: {transfer.From} cannot be started on it.", $"Restore another snapshot of {transfer.From.Name} (Get-ClusterSnapshot, Restore-ClusterSnapshot), start it, and do it again: it is filled by its primary.", FailureCategory.NotFound) { Target = mark.SnapshotId };
        await new SnapshotRestore(_scene, new SnapshotTaking(_scene, _engine, context), context.Clock).RunAsync(storage, snapshot, cancellationToken);
        await (mark with { IsRewritten = false }).PutAsync(transfer.Volume, host, cancellationToken);
        Tell(transfer, $"snapshot '{snapshot.SnapshotId}' is back in the place of what {transfer.To} wrote");
    }

    private IReadOnlyList<NodeTransfer> Transfers()
    {
        var (blue, green) = context.Target.Colour == ClusterColour.Green ? (context.Source, context.Target) : (context.Target, context.Source);
        var meant = context.Target.Nodes.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        return [.. ReusedLayout.Transfers(context.Service, blue, Known(blue, green)).Where(transfer => meant.Contains(transfer.To.Name) || meant.Contains(transfer.From.Name))];
    }

    // Of green only those nodes whose old ones are in the context.
    private ClusterLayout Known(ClusterLayout blue, ClusterLayout green)
    {
        var names = blue.Nodes.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        return green with { Shards = [.. green.Shards.Select(shard => shard with { Nodes = [.. shard.Nodes.Where(node => context.Service.Volumes.Any(volume => volume.Name == node.Volume && names.Contains(volume.Node)))] })] };
    }

    private ClusterLayout GreenWith(Node node) => context.Target.Nodes.Contains(node) ? context.Target : context.Source;

    private void Tell(NodeTransfer transfer, string what) =>
        context.Reporter.Report(new ReportEvent(ReportLevel.Information, $"Volume '{transfer.Volume.Name}': {what}."));

    private static VolumeScene SceneOf(IPlatform platform, EngineContext context) => new()
    {
        Service = context.Service,
        Nodes = [.. context.Source.Nodes, .. context.Target.Nodes.Where(node => context.Source.Nodes.All(other => other.Name != node.Name))],
        Hosts = context.Hosts,
        Providers = platform.CreateVolumeProviders(context.Service, new VolumeConsent(), context.Reporter),
    };
}
