using System.Globalization;
using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Processes;
using StatefulDeploy.Harness.Servers;
using StatefulDeploy.Hosts.Local;
using StatefulDeploy.Model;
using StatefulDeploy.Volumes.Tests.Stage;
using Xunit.Abstractions;

namespace StatefulDeploy.Volumes.Tests;

/// <summary>Snapshots on real file systems: taken, archived, restored, retained.</summary>
public sealed class SnapshotTests(ITestOutputHelper output)
{
    private static readonly LocalHost Host = new();
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [ServerTheory("volumes")]
    [InlineData("ext4", SnapshotMeans.Copy)]
    [InlineData("xfs", SnapshotMeans.Reflink)]
    public async Task A_snapshot_is_taken_by_the_means_of_its_file_system_and_brings_everything_back(string fileSystem, SnapshotMeans means)
    {
        await using var bed = new TestBed(output);
        var scenery = await MountedAsync(bed, fileSystem);
        await WriteAsync(scenery, "first");

        var taken = await TakeAsync(scenery);
        Assert.Equal((means, SnapshotKind.Hot, 2, false), (taken.Means, taken.Kind, taken.Files, taken.Live));
        await WriteAsync(scenery, "second");
        File.Delete(Path.Combine(scenery.Volume.MountPoint, "folder", "inner"));

        await RestoreAsync(scenery, taken.SnapshotId);
        Assert.Equal("first", await ReadAsync(scenery, "outer"));
        Assert.Equal("first", await ReadAsync(scenery, "folder/inner"));
        Assert.Equal(taken.SnapshotId, Assert.Single(await ListAsync(scenery)).SnapshotId);
        var replaced = Assert.Single(Directory.GetDirectories(Path.Combine(scenery.Volume.MountPoint, ".statefuldeploy"), "replaced-*"));
        Assert.Equal("second", await File.ReadAllTextAsync(Path.Combine(replaced, "outer")));
    }

    [ServerTheory("volumes")]
    [InlineData("ext4")]
    [InlineData("xfs")]
    public async Task An_archived_snapshot_has_left_the_volume_and_is_restored_with_owners_and_modes(string fileSystem)
    {
        await using var bed = new TestBed(output);
        var scenery = await MountedAsync(bed, fileSystem);
        await WriteAsync(scenery, "first");
        var outer = Path.Combine(scenery.Volume.MountPoint, "outer");
        await TestProcess.RunAsync("chown", ["4321:1234", outer], Soon);
        File.SetUnixFileMode(outer, UnixFileMode.UserRead);

        var stored = await TakeAsync(scenery, archive: true);
        Assert.Equal(SnapshotKind.Archived, stored.Kind);
        Assert.Equal(64, stored.Sha256.Length);
        Assert.Empty(Directory.GetDirectories(Path.Combine(scenery.Volume.MountPoint, ".statefuldeploy", "snapshots")));
        File.Delete(outer);

        await RestoreAsync(scenery, stored.SnapshotId);
        Assert.Equal("first", await ReadAsync(scenery, "outer"));
        var (_, owner) = await TestProcess.RunAsync("stat", ["--format", "%u:%g %a", outer], Soon);
        Assert.Equal("4321:1234 400", owner.Trim());
    }

    [ServerFact("volumes")]
    public async Task A_corrupt_archive_is_refused_and_nothing_is_touched()
    {
        await using var bed = new TestBed(output);
        var scenery = await MountedAsync(bed, "xfs");
        await WriteAsync(scenery, "first");
        var stored = await TakeAsync(scenery, archive: true);
        await WriteAsync(scenery, "second");
        await using (var file = new FileStream(stored.Location, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Position = file.Length / 2;
            var one = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(one ^ 1));
        }

        var error = await VolumeScenery.RefusedAsync(() => RestoreAsync(scenery, stored.SnapshotId), "ArchiveCorrupt");
        Assert.Contains("SHA-256", error.Message, StringComparison.Ordinal);
        Assert.Equal("second", await ReadAsync(scenery, "outer"));

        await File.WriteAllBytesAsync(stored.Location, (await File.ReadAllBytesAsync(stored.Location))[..^10]);
        Assert.False(Assert.Single(await ListAsync(scenery)).Good);
        await VolumeScenery.RefusedAsync(() => RestoreAsync(scenery, stored.SnapshotId), "ArchiveCorrupt");
        Assert.Equal("second", await ReadAsync(scenery, "outer"));
    }

    [ServerFact("volumes")]
    public async Task A_hot_snapshot_of_which_something_is_missing_is_refused()
    {
        await using var bed = new TestBed(output);
        var scenery = await MountedAsync(bed, "xfs");
        await WriteAsync(scenery, "first");
        var taken = await TakeAsync(scenery);
        File.Delete(Path.Combine(taken.Location, "data", "outer"));

        Assert.False(Assert.Single(await ListAsync(scenery)).Good);
        await VolumeScenery.RefusedAsync(() => RestoreAsync(scenery, taken.SnapshotId), "SnapshotDamaged");
        Assert.Equal("first", await ReadAsync(scenery, "outer"));
    }

    [ServerFact("volumes")]
    public async Task A_restore_that_died_anywhere_is_finished_by_doing_it_again()
    {
        await using var bed = new TestBed(output);
        var scenery = await MountedAsync(bed, "xfs");
        await WriteAsync(scenery, "first");
        var taken = await TakeAsync(scenery);
        var ways = 0;
        for (var changes = 0; ; changes++)
        {
            await WriteAsync(scenery, $"later {changes}");
            var host = new InterruptedHost(Host, changes);
            var died = await Record.ExceptionAsync(() => scenery.Operations(host).RestoreSnapshotAsync(scenery.Request with { SnapshotId = taken.SnapshotId }, new Silence(), CancellationToken.None)) is not null;
            if (died)
            {
                await RestoreAsync(scenery, taken.SnapshotId);
            }

            Assert.Equal("first", await ReadAsync(scenery, "outer"));
            Assert.Equal("first", await ReadAsync(scenery, "folder/inner"));
            // What was replaced is whole, wherever the first try ended.
            var replaced = Directory.GetDirectories(Path.Combine(scenery.Volume.MountPoint, ".statefuldeploy"), "replaced-*");
            Assert.Contains(replaced, folder => File.Exists(Path.Combine(folder, "outer")) && File.ReadAllText(Path.Combine(folder, "outer")) == $"later {changes}" && File.ReadAllText(Path.Combine(folder, "folder", "inner")) == $"later {changes}");
            if (!died)
            {
                break;
            }

            ways++;
        }

        Assert.InRange(ways, 6, 40);
    }

    [ServerFact("volumes")]
    public async Task Retention_archives_and_removes_and_never_takes_the_last_good_one()
    {
        await using var bed = new TestBed(output);
        var scenery = await MountedAsync(bed, "ext4");
        var clock = new FixedClock();
        var ids = new List<string>();
        for (var day = 0; day < 4; day++)
        {
            await WriteAsync(scenery, $"day {day}");
            ids.Add((await TakeAsync(scenery, clock: clock)).SnapshotId);
            clock.Now += TimeSpan.FromDays(10);
        }

        var results = await scenery.Operations(clock, Host).ApplyRetentionAsync(scenery.Request, new Silence(), CancellationToken.None);
        Assert.Equal([SnapshotFate.Kept, SnapshotFate.Removed, SnapshotFate.Removed, SnapshotFate.Removed], results.Select(result => result.Fate));

        // Standard keeps 14 days: the newest is hot, the one of 10 days before it goes to the archive.
        ids.Add((await TakeAsync(scenery, clock: clock)).SnapshotId);
        results = await scenery.Operations(clock, Host).ApplyRetentionAsync(scenery.Request, new Silence(), CancellationToken.None);
        Assert.Equal([SnapshotFate.Kept, SnapshotFate.Archived], results.Select(result => result.Fate));
        Assert.Equal([(ids[4], SnapshotKind.Hot), (ids[3], SnapshotKind.Archived)], (await ListAsync(scenery)).Select(snapshot => (snapshot.SnapshotId, snapshot.Kind)));
        await RestoreAsync(scenery, ids[3]);
        Assert.Equal("day 3", await ReadAsync(scenery, "outer"));

        // The newest is damaged: what would be left is not good, so the old one stays, and the refusal says why.
        File.Delete(Path.Combine((await ListAsync(scenery))[0].Location, "data", "outer"));
        clock.Now += TimeSpan.FromDays(30);
        await VolumeScenery.RefusedAsync(() => scenery.Operations(clock, Host).ApplyRetentionAsync(scenery.Request, new Silence(), CancellationToken.None), "RetentionLeavesNone");
        await VolumeScenery.RefusedAsync(() => scenery.Operations(Host).RemoveSnapshotAsync(scenery.Request with { SnapshotId = ids[3] }, new Silence(), CancellationToken.None), "LastSnapshot");
        Assert.Equal(2, (await ListAsync(scenery)).Count);
    }

    [ServerFact("volumes")]
    public async Task A_snapshot_is_not_removed_when_the_other_one_is_corrupt_inside()
    {
        await using var bed = new TestBed(output);
        var scenery = await MountedAsync(bed, "xfs");
        await WriteAsync(scenery, "first");
        var stored = await TakeAsync(scenery, archive: true);
        var hot = await TakeAsync(scenery);
        var bytes = await File.ReadAllBytesAsync(stored.Location);
        bytes[^3] ^= 1;
        await File.WriteAllBytesAsync(stored.Location, bytes);

        await VolumeScenery.RefusedAsync(() => scenery.Operations(Host).RemoveSnapshotAsync(scenery.Request with { SnapshotId = hot.SnapshotId }, new Silence(), CancellationToken.None), "LastSnapshot");
        Assert.True(Directory.Exists(hot.Location));
    }

    [ServerFact("volumes")]
    public async Task What_stands_against_a_snapshot_is_told_and_nothing_is_left_of_it()
    {
        await using var bed = new TestBed(output);
        var scenery = await MountedAsync(bed, "ext4");
        await WriteAsync(scenery, "first");

        scenery.Service = scenery.Service with { SnapshotArchive = Path.Combine(bed.Folder, "share-that-is-not-mounted") };
        await VolumeScenery.RefusedAsync(() => TakeAsync(scenery, archive: true), "ArchiveUnreachable");
        Assert.False(Directory.Exists(scenery.Service.SnapshotArchive));
        var kept = Assert.Single(await ListAsync(scenery));
        Assert.Equal(SnapshotKind.Hot, kept.Kind);

        // More than half of the disk: a copy of it has no room.
        await using (var file = File.Create(Path.Combine(scenery.Volume.MountPoint, "big")))
        {
            file.Write(new byte[200 << 20]);
        }

        await VolumeScenery.RefusedAsync(() => TakeAsync(scenery), "SnapshotSpaceMissing");
        Assert.Equal(kept.Location, Assert.Single(Directory.GetDirectories(Path.Combine(scenery.Volume.MountPoint, ".statefuldeploy", "snapshots"))));

        scenery.Service = scenery.Service with { Engine = "garnet" };
        File.Delete(Path.Combine(scenery.Volume.MountPoint, "big"));
        await using var holder = TestProcess.Start("sleep", ["1000"], new ProcessOptions { WorkingDirectory = scenery.Volume.MountPoint });
        await TestBed.WaitUntilAsync(async () => (await Holders.FindAsync(Host, scenery.Volume.MountPoint, CancellationToken.None)).Count > 0, "it works there", Soon);
        await VolumeScenery.RefusedAsync(() => TakeAsync(scenery), "NodeRunning");
        await VolumeScenery.RefusedAsync(() => RestoreAsync(scenery, kept.SnapshotId), "NodeRunning");
        await VolumeScenery.RefusedAsync(() => RestoreAsync(scenery, "orders-1-never"), "SnapshotNotFound");
    }

    [ServerTheory("volumes", "redis-7.0")]
    [InlineData("ext4", "yes")]
    [InlineData("xfs", "yes")]
    [InlineData("xfs", "no")]
    public async Task A_snapshot_of_a_redis_under_load_has_every_write_from_before_it(string fileSystem, string appends)
    {
        await using var bed = new TestBed(output);
        var scenery = await MountedAsync(bed, fileSystem);
        // It rewrites its file over and over: copies that meet a rewrite must be taken anew.
        await using var redis = new RedisServer(ServerCatalog.Get("redis-7.0"), scenery.Volume.MountPoint, scenery.Service.Blue.Writer.Endpoint.Port,
            [$"appendonly {appends}", "appendfsync always", "auto-aof-rewrite-min-size 64kb", "auto-aof-rewrite-percentage 10"]);
        await redis.StartAsync();
        using var end = new CancellationTokenSource();
        var written = 0;
        var writer = Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                await redis.CallAsync("SET", $"key:{written % 500}", written.ToString(CultureInfo.InvariantCulture) + new string('x', 200));
                await redis.CallAsync("SET", "count", (written + 1).ToString(CultureInfo.InvariantCulture));
                Interlocked.Increment(ref written);
            }
        });
        await TestBed.WaitUntilAsync(() => Task.FromResult(Volatile.Read(ref written) > 1000), "it is under load", Soon);
        var before = Volatile.Read(ref written);
        var taken = await TakeAsync(scenery);
        Assert.True(taken.Live);
        await TestBed.WaitUntilAsync(() => Task.FromResult(Volatile.Read(ref written) > before + 100), "it goes on", Soon);
        await end.CancelAsync();
        await writer;
        await redis.StopAsync();

        await RestoreAsync(scenery, taken.SnapshotId);
        await redis.StartAsync();
        Assert.InRange(int.Parse(await redis.CallAsync("GET", "count"), CultureInfo.InvariantCulture), before, Volatile.Read(ref written));
        Assert.Equal("500", (await redis.CallAsync("EVAL", "local n = 0 for i = 0, 499 do n = n + redis.call('EXISTS', 'key:' .. i) end return n", "0")).Trim());
        await redis.StopAsync();
    }

    private static async Task<VolumeScenery> MountedAsync(TestBed bed, string fileSystem)
    {
        var scenery = await VolumeScenery.MakeAsync(bed, fileSystem, Host.Name);
        await scenery.MoveAsync("orders-1", Host);
        return scenery;
    }

    private static async Task WriteAsync(VolumeScenery scenery, string text)
    {
        Directory.CreateDirectory(Path.Combine(scenery.Volume.MountPoint, "folder"));
        await File.WriteAllTextAsync(Path.Combine(scenery.Volume.MountPoint, "outer"), text);
        await File.WriteAllTextAsync(Path.Combine(scenery.Volume.MountPoint, "folder", "inner"), text);
    }

    private static Task<string> ReadAsync(VolumeScenery scenery, string name) => File.ReadAllTextAsync(Path.Combine(scenery.Volume.MountPoint, name));

    private static async Task<ClusterSnapshot> TakeAsync(VolumeScenery scenery, bool archive = false, TimeProvider? clock = null) =>
        Assert.Single(await scenery.Operations(clock ?? TimeProvider.System, Host).TakeSnapshotsAsync(scenery.Request with { Archive = archive }, new Silence(), CancellationToken.None));

    private static Task<IReadOnlyList<ClusterSnapshot>> ListAsync(VolumeScenery scenery) =>
        scenery.Operations(Host).GetSnapshotsAsync(scenery.Request, new Silence(), CancellationToken.None);

    private static Task<ClusterSnapshot> RestoreAsync(VolumeScenery scenery, string id) =>
        scenery.Operations(Host).RestoreSnapshotAsync(scenery.Request with { SnapshotId = id }, new Silence(), CancellationToken.None);
}
