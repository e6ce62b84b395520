namespace StatefulDeploy.Volumes.Tests;

/// <summary>What the kernel tells of its mounts.</summary>
public sealed class MountTableTests
{
    private const string Text = """
        25 30 0:23 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
        44 27 7:0 / /srv/with\040blank\134and\011tab rw,relatime - xfs /dev/loop0 rw,noquota
        45 44 7:1 / /srv/with\040blank\134and\011tab/below rw shared:1 master:2 - ext4 /dev/loop1 rw
        46 27 7:2 / /srv/over rw - ext4 /dev/loop2 rw
        47 46 7:3 / /srv/over rw - xfs /dev/loop3 rw
        """;

    private readonly MountTable _mounts = MountTable.Parse(Text);

    [Fact]
    public void Names_with_blanks_backslashes_and_tabs_are_read() =>
        Assert.Equal("/dev/loop0", _mounts.At("/srv/with blank\\and\ttab")!.Source);

    [Fact]
    public void Of_two_mounts_at_one_place_the_later_one_is_there() =>
        Assert.Equal("xfs", _mounts.At("/srv/over")!.FileSystem);

    [Fact]
    public void What_is_mounted_below_is_found_whatever_optional_fields_a_line_has() =>
        Assert.Equal("7:1", Assert.Single(_mounts.Below("/srv/with blank\\and\ttab")).Number);

    [Fact]
    public void A_place_without_a_mount_has_none() => Assert.Null(_mounts.At("/srv"));
}
