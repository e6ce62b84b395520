using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Disks;
using StatefulDeploy.Harness.Fleet;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Hosts.Local;
using StatefulDeploy.Model;
using StatefulDeploy.Volumes.Tests.Stage;
using Xunit.Abstractions;

namespace StatefulDeploy.Volumes.Tests;

/// <summary>A volume goes from machine to machine: real block devices with real file systems, machines with mounts of their own.</summary>
public sealed class VolumeMoveTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [ServerTheory("volumes", "fleet")]
    [InlineData("ext4")]
    [InlineData("xfs")]
    public async Task A_volume_goes_to_another_machine_with_all_that_is_on_it_and_back(string fileSystem)
    {
        await using var bed = new TestBed(output);
        var (scenery, one, two) = await MachinesAsync(bed, fileSystem);
        Assert.Equal(VolumeState.Detached, (await scenery.LookAsync(one, two)).State);

        var first = await scenery.MoveAsync("orders-1", one, two);
        Assert.Equal((VolumeState.Mounted, one.Name, true), (first.State, first.Host, first.Marked));
        await one.WriteFileAsync(Path.Combine(scenery.Volume.MountPoint, "kept"), "what was written", UnixFileMode.UserRead, CancellationToken.None);

        var second = await scenery.MoveAsync("orders-2", one, two);
        Assert.Equal((VolumeState.Mounted, two.Name), (second.State, second.Host));
        Assert.Equal("what was written", await two.ReadFileAsync(Path.Combine(scenery.Volume.MountPoint, "kept"), CancellationToken.None));
        Assert.Null(await one.ReadFileAsync(Path.Combine(scenery.Volume.MountPoint, "kept"), CancellationToken.None));
        Assert.Equal(two.Name + "\n", await File.ReadAllTextAsync(scenery.Disk.Image + ".attached"));

        Assert.Equal(two.Name, (await scenery.MoveAsync("orders-2", one, two)).Host);
        Assert.Equal(one.Name, (await scenery.MoveAsync("orders-1", one, two)).Host);
        Assert.Equal("what was written", await one.ReadFileAsync(Path.Combine(scenery.Volume.MountPoint, "kept"), CancellationToken.None));
    }

    [ServerFact("volumes", "fleet")]
    public async Task A_disk_that_both_machines_see_is_mounted_on_one_of_them_only()
    {
        await using var bed = new TestBed(output);
        var (scenery, one, two) = await MachinesAsync(bed, "ext4");
        await scenery.Disk.AttachAsync();
        scenery.Describe(volume => volume with { Provider = "device", Image = null });

        await scenery.MoveAsync("orders-1", one, two);
        await scenery.MoveAsync("orders-2", one, two);
        Assert.Equal(two.Name, (await scenery.LookAsync(one, two)).Host);

        // By hand, past us: one kernel lets it, and two kernels would destroy the file system.
        await one.RunAsync(new HostCommand("mount", $"UUID={scenery.Disk.Uuid}", scenery.Volume.MountPoint), CancellationToken.None);
        var found = await scenery.LookAsync(one, two);
        Assert.Equal(VolumeState.Conflict, found.State);
        Assert.Contains("2 hosts", found.Message, StringComparison.Ordinal);
        await VolumeScenery.RefusedAsync(() => scenery.MoveAsync("orders-1", one, two), "VolumeConflict");
    }

    [ServerFact("volumes", "fleet")]
    public async Task A_busy_volume_names_the_process_that_holds_it_and_stays_where_it_is()
    {
        await using var bed = new TestBed(output);
        var fleet = await bed.StartFleetAsync("machine-1", "machine-2");
        var (scenery, one, two) = await MachinesAsync(bed, "xfs", fleet);
        await scenery.MoveAsync("orders-1", one, two);
        await using var holder = fleet["machine-1"].Start("sh", "-c", $"exec 9> '{scenery.Volume.MountPoint}/held'; echo holding; exec sleep 1000");
        await holder.WaitForLineAsync("holding", Soon);

        var error = await VolumeScenery.RefusedAsync(() => scenery.MoveAsync("orders-2", one, two), "VolumeBusy");
        Assert.Contains("(sleep)", error.Message, StringComparison.Ordinal);
        Assert.Contains("/held", error.Message, StringComparison.Ordinal);
        Assert.Equal(one.Name, (await scenery.LookAsync(one, two)).Host);

        await holder.KillAsync();
        Assert.Equal(two.Name, (await scenery.MoveAsync("orders-2", one, two)).Host);
    }

    [ServerFact("volumes", "fleet")]
    public async Task A_volume_that_the_kernel_still_holds_after_its_unmount_is_not_detached()
    {
        await using var bed = new TestBed(output);
        var fleet = await bed.StartFleetAsync("machine-1", "machine-2");
        var (scenery, one, two) = await MachinesAsync(bed, "ext4", fleet);
        await scenery.MoveAsync("orders-1", one, two);
        // A mount namespace of its own keeps a mount that is ended everywhere else.
        await using var holder = fleet["machine-1"].Start("unshare", "--mount", "--propagation", "private", "sh", "-c", "echo holding; exec sleep 1000");
        await holder.WaitForLineAsync("holding", Soon);

        var error = await VolumeScenery.RefusedAsync(() => scenery.MoveAsync("orders-2", one, two), "VolumeStillHeld");
        Assert.Contains("(sleep)", error.Message, StringComparison.Ordinal);
        Assert.Contains("mount namespace", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(await scenery.Disk.DevicesAsync());

        await holder.KillAsync();
        Assert.Equal(two.Name, (await scenery.MoveAsync("orders-2", one, two)).Host);
    }

    [ServerFact("volumes", "fleet")]
    public async Task A_machine_that_cannot_mount_it_gives_it_back()
    {
        await using var bed = new TestBed(output);
        var (scenery, one, two) = await MachinesAsync(bed, "ext4");
        await scenery.MoveAsync("orders-1", one, two);
        // Passes every look beforehand: an empty folder cannot be told from one below which nothing can be mounted.
        var other = new InterruptedHost(two, 1);

        await VolumeScenery.RefusedAsync(() => scenery.MoveAsync("orders-2", one, other), "VolumeStranded");
        Assert.True(other.Interrupted);
        Assert.Equal(one.Name, (await scenery.MoveAsync("orders-1", one, two)).Host);
    }

    [ServerFact("volumes", "fleet")]
    public async Task A_move_that_died_anywhere_is_finished_by_doing_it_again()
    {
        await using var bed = new TestBed(output);
        var (scenery, one, two) = await MachinesAsync(bed, "xfs");
        await scenery.MoveAsync("orders-1", one, two);
        await one.WriteFileAsync(Path.Combine(scenery.Volume.MountPoint, "kept"), "what was written", UnixFileMode.UserRead, CancellationToken.None);
        var ways = 0;
        for (var changes = 0; ; changes++)
        {
            var (source, target) = (new InterruptedHost(one, changes), new InterruptedHost(two, int.MaxValue));
            var died = await Record.ExceptionAsync(() => scenery.MoveAsync("orders-2", source, target)) is not null;
            Assert.Equal(two.Name, (await scenery.MoveAsync("orders-2", one, two)).Host);
            Assert.Equal("what was written", await two.ReadFileAsync(Path.Combine(scenery.Volume.MountPoint, "kept"), CancellationToken.None));
            await scenery.MoveAsync("orders-1", one, two);
            if (!died)
            {
                break;
            }

            ways++;
        }

        Assert.InRange(ways, 3, 20);
    }

    [ServerFact("volumes")]
    public async Task What_stands_against_a_mount_is_told_before_anything_is_touched()
    {
        await using var bed = new TestBed(output);
        var host = new LocalHost();
        var scenery = await VolumeScenery.MakeAsync(bed, "ext4", host.Name);
        var mountPoint = scenery.Volume.MountPoint;

        await VolumeScenery.RefusedAsync(() => scenery.MoveAsync("orders-9", host), "NodeNotInCluster");
        await VolumeScenery.RefusedAsync(() => scenery.Operations(host).MoveVolumeAsync(scenery.Request with { Volume = "nothing" }, new Silence(), CancellationToken.None), "VolumeUnknown");

        Directory.CreateDirectory(mountPoint);
        await File.WriteAllTextAsync(Path.Combine(mountPoint, "appendonly.aof"), "a server ran here without its volume");
        var covered = await VolumeScenery.RefusedAsync(() => scenery.MoveAsync("orders-1", host), "MountPointNotEmpty");
        Assert.Contains("appendonly.aof", covered.Message, StringComparison.Ordinal);
        File.Delete(Path.Combine(mountPoint, "appendonly.aof"));

        await using (var other = await LoopDisk.MakeAsync(Path.Combine(bed.Folder, "other.img"), "xfs"))
        {
            await TestProcess.RunAsync("mount", [await other.AttachAsync(), mountPoint], Soon);
            var taken = await VolumeScenery.RefusedAsync(() => scenery.MoveAsync("orders-1", host), "MountPointTaken");
            Assert.Contains("xfs", taken.Message, StringComparison.Ordinal);
        }

        await using (var other = await LoopDisk.MakeAsync(Path.Combine(bed.Folder, "third.img"), "ext4"))
        {
            var device = await other.AttachAsync();
            scenery.Describe(volume => volume with { Slot = int.Parse(device["/dev/loop".Length..], CultureInfo.InvariantCulture) });
            var taken = await VolumeScenery.RefusedAsync(() => scenery.MoveAsync("orders-1", host), "SlotTaken");
            Assert.Contains("third.img", taken.Message, StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(scenery.Disk.Image + ".attached", "another-machine\n");
        scenery.Describe(volume => volume with { Slot = null });
        var elsewhere = await VolumeScenery.RefusedAsync(() => scenery.MoveAsync("orders-1", host), "VolumeAttachedElsewhere");
        Assert.Contains("another-machine", elsewhere.Message, StringComparison.Ordinal);
        Assert.Empty(await scenery.Disk.DevicesAsync());
    }

    [ServerFact("volumes")]
    public async Task A_disk_that_is_not_what_was_described_is_not_mounted()
    {
        await using var bed = new TestBed(output);
        var host = new LocalHost();
        var scenery = await VolumeScenery.MakeAsync(bed, "ext4", host.Name);
        await scenery.Disk.AttachAsync();
        var right = scenery.Volume with { Provider = "device", Image = null };

        scenery.Describe(_ => right with { FileSystem = "xfs" });
        var wrong = await VolumeScenery.RefusedAsync(() => scenery.MoveAsync("orders-1", host), "WrongFileSystem");
        Assert.Contains("ext4", wrong.Message, StringComparison.Ordinal);

        scenery.Describe(_ => right with { Id = "SERIAL-1" });
        await VolumeScenery.RefusedAsync(() => scenery.MoveAsync("orders-1", host), "WrongDisk");

        scenery.Describe(_ => right with { Uuid = Guid.NewGuid().ToString() });
        await VolumeScenery.RefusedAsync(() => scenery.MoveAsync("orders-1", host), "VolumeNotVisible");

        // A copy of a disk has its UUID: which of them is the right one cannot be told.
        scenery.Describe(_ => right);
        var copy = Path.Combine(bed.Folder, "copy.img");
        File.Copy(scenery.Disk.Image, copy);
        await TestProcess.RunAsync("losetup", ["--find", copy], Soon);
        var ambiguous = await VolumeScenery.RefusedAsync(() => scenery.MoveAsync("orders-1", host), "VolumeAmbiguous");
        Assert.Contains("2 devices", ambiguous.Message, StringComparison.Ordinal);
        foreach (var device in (await TestProcess.RunAsync("losetup", ["--noheadings", "--output", "NAME", "--associated", copy], Soon)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            await TestProcess.RunAsync("losetup", ["--detach", device.Trim()], Soon);
        }

        Assert.Equal(VolumeState.Mounted, (await scenery.MoveAsync("orders-1", host)).State);
    }

    [ServerFact("volumes")]
    public async Task No_server_may_start_where_its_volume_is_not_mounted()
    {
        await using var bed = new TestBed(output);
        var host = new LocalHost();
        var scenery = await VolumeScenery.MakeAsync(bed, "ext4", host.Name);
        var mounts = new VolumeMounts(scenery.Service, TimeProvider.System);
        Directory.CreateDirectory(scenery.Volume.MountPoint);
        Task Start() => mounts.RequireMountedAsync(scenery.Volume, host, CancellationToken.None);

        var empty = await VolumeScenery.RefusedAsync(Start, "VolumeNotMounted");
        Assert.Contains("empty mount point", empty.Message, StringComparison.Ordinal);

        await using (var other = await LoopDisk.MakeAsync(Path.Combine(bed.Folder, "other.img"), "ext4"))
        {
            await TestProcess.RunAsync("mount", [await other.AttachAsync(), scenery.Volume.MountPoint], Soon);
            await VolumeScenery.RefusedAsync(Start, "VolumeNotMounted");
        }

        await scenery.MoveAsync("orders-1", host);
        await Start();

        var mark = Path.Combine(scenery.Volume.MountPoint, ".statefuldeploy", "volume.json");
        var own = await File.ReadAllTextAsync(mark);
        await File.WriteAllTextAsync(mark, own.Replace("\"orders\"", "\"invoices\"", StringComparison.Ordinal));
        await VolumeScenery.RefusedAsync(Start, "ForeignVolume");
        File.Delete(mark);
        await VolumeScenery.RefusedAsync(Start, "VolumeNotMarked");
    }

    [ServerFact("volumes")]
    public async Task A_file_system_that_asks_for_a_check_gets_it_and_a_damaged_one_is_not_mounted()
    {
        await using var bed = new TestBed(output);
        var host = new LocalHost();
        var scenery = await VolumeScenery.MakeAsync(bed, "ext4", host.Name);

        // The state of a file system in which the kernel found errors: the next check goes through all of it.
        await DebugAsync(scenery.Disk, "set_super_value state 2");
        await scenery.MoveAsync("orders-1", host);
        Assert.Contains("clean", (await TestProcess.RunAsync("dumpe2fs", ["-h", (await scenery.Disk.DevicesAsync())[0]], Soon)).Output, StringComparison.Ordinal);
        await TakeOffAsync(scenery);

        await DebugAsync(scenery.Disk, "clri <2>");
        await DebugAsync(scenery.Disk, "set_super_value state 2");
        var damaged = await VolumeScenery.RefusedAsync(() => scenery.MoveAsync("orders-1", host), "FileSystemDamaged");
        Assert.Contains("e2fsck", damaged.RecommendedAction, StringComparison.Ordinal);
        Assert.NotEqual(VolumeState.Mounted, (await scenery.LookAsync(host)).State);
    }

    private static async Task TakeOffAsync(VolumeScenery scenery)
    {
        await TestProcess.RunAsync("umount", [scenery.Volume.MountPoint], Soon);
        foreach (var device in await scenery.Disk.DevicesAsync())
        {
            await TestProcess.RunAsync("losetup", ["--detach", device], Soon);
        }
    }

    private static async Task DebugAsync(LoopDisk disk, string command)
    {
        var (code, said) = await TestProcess.RunAsync("debugfs", ["-w", "-R", command, disk.Image], Soon);
        Assert.True(code == 0, said);
    }

    private static async Task<(VolumeScenery Scenery, IHost One, IHost Two)> MachinesAsync(TestBed bed, string fileSystem, TestFleet? fleet = null)
    {
        fleet ??= await bed.StartFleetAsync("machine-1", "machine-2");
        var scenery = await VolumeScenery.MakeAsync(bed, fileSystem, "machine-1", "machine-2");
        return (scenery, new MachineHost(fleet["machine-1"]), new MachineHost(fleet["machine-2"]));
    }
}
