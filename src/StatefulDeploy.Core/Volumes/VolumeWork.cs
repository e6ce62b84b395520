using StatefulDeploy.Contracts;
using StatefulDeploy.Model;
using StatefulDeploy.Snapshots;
using StatefulDeploy.Workflow;

namespace StatefulDeploy.Volumes;

/// <summary>What the operations on volumes and snapshots of one service work with.</summary>
internal sealed class VolumeWork : IDisposable
{
    private VolumeWork(UpgradeSubject subject, VolumeScene scene, IEngine engine, EngineContext context)
    {
        Subject = subject;
        Scene = scene;
        Catalog = new SnapshotCatalog(scene);
        Taking = new SnapshotTaking(scene, engine, context);
    }

    /// <summary>The service and its upgrade, if one is under way.</summary>
    internal UpgradeSubject Subject { get; }

    /// <summary>Its nodes, hosts and providers.</summary>
    internal VolumeScene Scene { get; }

    /// <summary>The snapshots that there are.</summary>
    internal SnapshotCatalog Catalog { get; }

    /// <summary>Takes new ones.</summary>
    internal SnapshotTaking Taking { get; }

    internal static async Task<VolumeWork> OpenAsync(IPlatform platform, VolumeRequest request, IReporter reporter, TimeProvider clock, CancellationToken cancellationToken)
    {
        var subject = await UpgradeSubject.FindAsync(platform, request.Service, clock, cancellationToken);
        var context = subject.ContextFor(platform, subject.Green ?? subject.Blue, reporter, clock);
        var green = subject.Green?.Nodes ?? subject.Service.Green.Shards.SelectMany(shard => shard.Nodes);
        var scene = new VolumeScene
        {
            Service = subject.Service,
            Nodes = [.. subject.Blue.Nodes, .. green.Where(node => subject.Blue.Nodes.All(blue => blue.Name != node.Name))],
            Hosts = context.Hosts,
            Providers = platform.CreateVolumeProviders(subject.Service, request.Consent, reporter),
        };
        return new VolumeWork(subject, scene, platform.FindEngine(subject.Service.Engine), context);
    }

    public void Dispose() => Scene.Dispose();

    /// <summary>Where the data of the nodes lies that are meant: the one that is named, else all that serve.</summary>
    internal IReadOnlyList<NodeStorage> StoragesOf(VolumeRequest request) => request.Node is { } name
        ? [NodeStorage.Of(Scene, Scene.Node(name))]
        : [.. Subject.Blue.Nodes.Select(node => NodeStorage.Of(Scene, node))];

    /// <summary>A snapshot, where it is, and all of its node.</summary>
    /// <exception cref="UpgradeException">There is none of that id.</exception>
    internal async Task<(NodeStorage Storage, ClusterSnapshot Snapshot, IReadOnlyList<ClusterSnapshot> All)> FindAsync(VolumeRequest request, CancellationToken cancellationToken)
    {
        foreach (var storage in StoragesOf(request))
        {
            var all = await Catalog.ListAsync(storage, cancellationToken);
            if (all.FirstOrDefault(snapshot => snapshot.SnapshotId == request.SnapshotId) is { } found)
            {
                return (storage, found, all);
            }
        }

        throw new UpgradeException("SnapshotNotFound", $"Service '{Scene.Service.Name}' has no snapshot '{request.SnapshotId}'.", "Get-ClusterSnapshot lists those that there are. A hot one is seen only while its volume is mounted on its node's host.", FailureCategory.NotFound) { Target = request.SnapshotId };
    }
}
