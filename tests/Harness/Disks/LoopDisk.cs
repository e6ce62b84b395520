using System.Globalization;
using StatefulDeploy.Harness.Processes;

namespace StatefulDeploy.Harness.Disks;

/// <summary>A disk of a test: an image file with a file system, which any machine can have as a loop device.</summary>
/// <remarks><c>[ServerFact("volumes")]</c>, or with <c>"fleet"</c> for machines that it moves between.</remarks>
public sealed class LoopDisk : IAsyncDisposable
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(60);

    private LoopDisk(string image, string fileSystem, string uuid)
    {
        Image = image;
        FileSystem = fileSystem;
        Uuid = uuid;
    }

    /// <summary>The image file.</summary>
    public string Image { get; }

    /// <summary>Its file system.</summary>
    public string FileSystem { get; }

    /// <summary>The UUID of its file system.</summary>
    public string Uuid { get; }

    /// <summary>Makes one.</summary>
    /// <param name="image">The file, which does not exist.</param>
    /// <param name="fileSystem"><c>ext4</c> or <c>xfs</c>.</param>
    /// <param name="megabytes">Its size; an xfs has at least 300.</param>
    public static async Task<LoopDisk> MakeAsync(string image, string fileSystem, int megabytes = 320)
    {
        await using (var file = File.Create(image))
        {
            file.SetLength((long)megabytes << 20);
        }

        var uuid = Guid.NewGuid().ToString();
        string[] arguments = fileSystem == "xfs" ? ["-q", "-m", "uuid=" + uuid, image] : ["-q", "-F", "-U", uuid, image];
        await DoAsync("mkfs." + fileSystem, arguments);
        return new LoopDisk(image, fileSystem, uuid);
    }

    /// <summary>The loop devices that have it now.</summary>
    public async Task<IReadOnlyList<string>> DevicesAsync() =>
        (await DoAsync("losetup", ["--noheadings", "--output", "NAME", "--associated", Image])).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Gives it a loop device.</summary>
    /// <returns>The device.</returns>
    public async Task<string> AttachAsync() => (await DoAsync("losetup", ["--find", "--show", Image])).Trim();

    /// <summary>Ends its mounts where the test runs, and its devices. Those of machines have ended with them.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var device in await DevicesAsync())
        {
            await TestProcess.RunAsync("umount", ["--all-targets", "--lazy", device], Within);
            await TestProcess.RunAsync("losetup", ["--detach", device], Within);
        }
    }

    /// <summary>Why disks cannot be made here; null when they can.</summary>
    internal static string? WhyMissing()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return "loop devices need root";
        }

        if (!File.Exists("/dev/loop-control"))
        {
            return "this machine has no loop devices";
        }

        var path = (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin").Split(':');
        var missing = new[] { "mkfs.ext4", "mkfs.xfs", "e2fsck", "losetup", "blkid", "lsblk", "mount" }.FirstOrDefault(program => !path.Any(folder => File.Exists(Path.Combine(folder, program))));
        if (missing is not null)
        {
            return $"{missing} is not installed";
        }

        var known = File.ReadAllText("/proc/filesystems");
        return new[] { "ext4", "xfs" }.Where(name => !known.Contains(name, StringComparison.Ordinal)).Select(name => $"the kernel has no {name}").FirstOrDefault();
    }

    private static async Task<string> DoAsync(string program, IReadOnlyList<string> arguments)
    {
        var (code, said) = await TestProcess.RunAsync(program, arguments, Within);
        return code == 0 ? said : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{program} {string.Join(' ', arguments)} ended with {code}: {said}"));
    }
}
