using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Disks;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Model;

namespace StatefulDeploy.Volumes.Tests.Stage;

/// <summary>A service of one node whose data lies on a disk, and operations on it.</summary>
internal sealed class VolumeScenery
{
    private VolumeScenery(TestBed bed, LoopDisk disk, ServiceDescription service)
    {
        Bed = bed;
        Disk = disk;
        Service = service;
    }

    public TestBed Bed { get; }

    public LoopDisk Disk { get; }

    public ServiceDescription Service { get; set; }

    public VolumeDescription Volume => Service.Volumes[0];

    /// <summary>Makes the disk and describes the service; nothing is attached.</summary>
    /// <param name="bed">The test's.</param>
    /// <param name="fileSystem">The disk's.</param>
    /// <param name="hosts">The hosts of the nodes: orders-1, orders-2 …</param>
    public static async Task<VolumeScenery> MakeAsync(TestBed bed, string fileSystem, params string[] hosts)
    {
        var disk = bed.Own(await LoopDisk.MakeAsync(Path.Combine(bed.Folder, "disk.img"), fileSystem));
        var mountPoint = Path.Combine(bed.Folder, "data");
        var nodes = hosts.Select((host, index) => new Node
        {
            Name = $"orders-{index + 1}",
            Host = host,
            Endpoint = new NodeEndpoint("127.0.0.1", FreePort.Take()),
            Role = index == 0 ? NodeRole.Primary : NodeRole.Replica,
            Version = "7.0",
            DataDirectory = mountPoint,
        });
        return new VolumeScenery(bed, disk, new ServiceDescription
        {
            Name = "orders",
            Path = Path.Combine(bed.Folder, "orders.yaml"),
            Engine = "redis",
            Blue = new ClusterLayout(ClusterColour.Blue, "7.0", [new Shard("main", [.. nodes])]),
            Router = new RouterDescription("gateway", new NodeEndpoint("127.0.0.1", FreePort.Take()), Path.Combine(bed.Folder, "gateway.sock"), new Dictionary<string, string>(StringComparer.Ordinal)),
            StateDirectory = Path.Combine(bed.Folder, "state"),
            GuardDirectory = Path.Combine(bed.Folder, "guard"),
            Volumes =
            [
                new VolumeDescription { Name = "orders-data", Node = "orders-1", Uuid = disk.Uuid, FileSystem = fileSystem, MountPoint = mountPoint, Provider = "image", Image = disk.Image },
            ],
        });
    }

    /// <summary>The volume as it is described from now on.</summary>
    public void Describe(Func<VolumeDescription, VolumeDescription> change) => Service = Service with { Volumes = [change(Volume)] };

    public Task<ClusterVolume> MoveAsync(string node, params IReadOnlyList<IHost> hosts) =>
        Operations(hosts).MoveVolumeAsync(Request with { Volume = "orders-data", Node = node }, new Silence(), CancellationToken.None);

    public async Task<ClusterVolume> LookAsync(params IReadOnlyList<IHost> hosts) =>
        Assert.Single(await Operations(hosts).GetVolumesAsync(Request, new Silence(), CancellationToken.None));

    public VolumeOperations Operations(params IReadOnlyList<IHost> hosts) => Operations(TimeProvider.System, hosts);

    public VolumeOperations Operations(TimeProvider clock, params IReadOnlyList<IHost> hosts) => new(new VolumePlatform(Service, hosts), clock);

    public VolumeRequest Request => new() { Service = new UpgradeRequest { Path = Service.Path } };

    /// <summary>What an operation fails with.</summary>
    public static async Task<UpgradeException> RefusedAsync(Func<Task> act, string errorId)
    {
        var error = await Assert.ThrowsAsync<UpgradeException>(act);
        Assert.Equal(errorId, error.ErrorId);
        Assert.NotEmpty(error.RecommendedAction);
        return error;
    }
}
