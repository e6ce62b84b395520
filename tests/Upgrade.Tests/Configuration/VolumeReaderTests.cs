using StatefulDeploy.Model;

namespace StatefulDeploy.Upgrade.Tests.Configuration;

/// <summary>The volumes of a service file.</summary>
public sealed class VolumeReaderTests
{
    private const string Uuid = "2F8D6F0E-5a9c-4d55-9a4c-0d9a6c1f7b21";

    [Fact]
    public void A_volume_is_read_with_every_default()
    {
        var volume = Assert.Single(ServiceFile.Read(With($"{{ name: data, node: orders-1, uuid: {Uuid}, filesystem: xfs, mountPoint: /srv/orders }}")).Volumes);

        Assert.Equal(new VolumeDescription { Name = "data", Node = "orders-1", Uuid = Uuid.ToLowerInvariant(), FileSystem = "xfs", MountPoint = "/srv/orders" }, volume with { Attach = volume.Attach }, Equal);
        Assert.Equal("device", volume.Provider);
    }

    [Fact]
    public void A_volume_of_commands_is_read_with_all_that_it_can_have()
    {
        var volume = Assert.Single(ServiceFile.Read(With($$"""
            { name: data, node: orders-1, uuid: {{Uuid}}, filesystem: ext4, mountPoint: /srv/orders, options: noatime, provider: command, id: SERIAL-1, slot: 3, attach: [disk, attach], detach: [disk, detach], networkAttached: true }
            """)).Volumes);

        Assert.Equal(("command", "SERIAL-1", 3, "noatime", true), (volume.Provider, volume.Id, volume.Slot, volume.Options, volume.NetworkAttached));
        Assert.Equal(["disk", "attach"], volume.Attach);
        Assert.Equal(["disk", "detach"], volume.Detach);
    }

    [Fact]
    public void The_archive_and_the_hot_snapshots_are_read()
    {
        var service = ServiceFile.Read(ServiceFile.Minimal + """
            snapshots: { archive: /mnt/archive }
            dataClass: gold
            dataClasses:
              gold: { hotReplicas: 0, coldCopies: 1, retention: 30d, hotSnapshots: 3 }
            """);

        Assert.Equal("/mnt/archive", service.SnapshotArchive);
        Assert.Equal(3, service.DataClass.HotSnapshots);
    }

    [Theory]
    [InlineData("{ name: data, node: orders-1, uuid: /dev/sdb, filesystem: xfs, mountPoint: /srv/orders }", "InvalidValue", "never a device")]
    [InlineData("{ name: data, node: orders-9, uuid: UUID, filesystem: xfs, mountPoint: /srv/orders }", "NodeNotInCluster", "orders-9")]
    [InlineData("{ name: data, node: orders-1, uuid: UUID, filesystem: btrfs, mountPoint: /srv/orders }", "InvalidValue", "btrfs")]
    [InlineData("{ name: data, node: orders-1, uuid: UUID, filesystem: xfs, mountPoint: /srv/orders, provider: image }", "MissingKey", "image")]
    [InlineData("{ name: data, node: orders-1, uuid: UUID, filesystem: xfs, mountPoint: /srv/orders, provider: command, attach: [a] }", "MissingKey", "detach")]
    [InlineData("{ name: data, node: orders-1, uuid: UUID, filesystem: xfs, mountPoint: /srv/orders, image: disk.img }", "ConflictingKeys", "image")]
    [InlineData("{ name: data, node: orders-1, filesystem: xfs, mountPoint: /srv/orders }", "MissingKey", "uuid")]
    public void What_is_wrong_is_told_with_its_place(string volume, string errorId, string said)
    {
        var error = ServiceFile.Refuse(With(volume.Replace("UUID", Uuid, StringComparison.Ordinal)));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Contains("volumes[0]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_volumes_are_two_disks()
    {
        var one = $"{{ name: data, node: orders-1, uuid: {Uuid}, filesystem: xfs, mountPoint: /srv/orders }}";
        Assert.Equal("DuplicateName", ServiceFile.Refuse(With(one, one)).ErrorId);
    }

    [Fact]
    public void The_data_of_a_node_lies_on_its_volume()
    {
        var text = With($"{{ name: data, node: orders-1, uuid: {Uuid}, filesystem: xfs, mountPoint: /srv/orders }}").Replace("role: primary", "dataDirectory: /srv/orders-old", StringComparison.Ordinal);
        Assert.Equal("DataNotOnVolume", ServiceFile.Refuse(text).ErrorId);
        Assert.Single(ServiceFile.Read(text.Replace("/srv/orders-old", "/srv/orders/redis", StringComparison.Ordinal)).Volumes);
    }

    private static string With(params string[] volumes) => ServiceFile.Minimal + "volumes:\n" + string.Concat(volumes.Select(volume => $"  - {volume.Trim()}\n"));

    // Lists are compared by what is in them.
    private static bool Equal(VolumeDescription? one, VolumeDescription? other) => ModelJson.Write(one) == ModelJson.Write(other);
}
