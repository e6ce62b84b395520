using System.Diagnostics;
using System.Runtime.InteropServices;
using StatefulDeploy.Contracts;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Cli.Demo.Fleet;

/// <summary>
/// A network and mounts of the demo's own: it runs once more inside of them, so that nothing that it mounts or connects is seen on the
/// machine, and all of it is gone with its last process.
/// </summary>
internal static class DemoEnclosure
{
    private const string Mark = "STATEFULDEPLOY_DEMO_ENCLOSED";
    private static readonly string[] Programs = ["unshare", "ip", "ssh-keygen", "mkfs.xfs", "losetup", "mount", "umount", "blkid", "lsblk"];

    /// <summary>Whether this process is inside.</summary>
    public static bool IsInside => Environment.GetEnvironmentVariable(Mark) is not null;

    /// <summary>Runs the demo inside, with our input and output, to its end.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="UpgradeException">This machine or this user cannot have it.</exception>
    public static async Task<int> RunAsync(IOwnProgram program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        RequirePossible();
        var own = program.Command(arguments);
        // In a session of its own: a Ctrl+C of the terminal comes to us alone, and is passed on once; twice would mean to leave at once.
        var start = new ProcessStartInfo("setsid") { UseShellExecute = false };
        foreach (var argument in new[] { "unshare", "--net", "--mount", "--propagation", "private", "--", own.Program }.Concat(own.Arguments))
            start.ArgumentList.Add(argument);
        start.Environment[Mark] = "1";
        using var inside = Process.Start(start)!;
        var identity = RunningProcess.Find(inside.Id);
        using var passed = cancellationToken.Register(() =>
        {
            // It ends what it began, and then itself.
            if (identity is not null)
                RunningProcess.Signal(identity, PosixSignal.SIGTERM);
        });
        await inside.WaitForExitAsync(CancellationToken.None);
        return inside.ExitCode;
    }

    private static void RequirePossible()
    {
        if (!Environment.IsPrivilegedProcess)
            throw new UpgradeException("RootNeeded", "The demo of VolumeReuse makes machines of namespaces and disks of loop devices, which needs root.", "Run it as root (sudo), or run the demo of Mirror.", FailureCategory.AccessDenied);

        var folders = (Environment.GetEnvironmentVariable("PATH") + ":/usr/local/sbin:/usr/sbin:/sbin").Split(':');
        var missing = Programs.Where(name => !folders.Any(folder => File.Exists(Path.Combine(folder, name)))).ToList();
        if (!File.Exists(DemoFleet.Sshd))
            missing.Add(DemoFleet.Sshd);
        if (missing.Count > 0)
            throw new UpgradeException("SoftwareMissing", $"The demo of VolumeReuse needs {string.Join(", ", missing)}.", "Install them (on Debian: util-linux, iproute2, openssh-server, xfsprogs), or run the demo of Mirror.", FailureCategory.NotFound);
        if (!File.Exists("/dev/loop-control"))
            throw new UpgradeException("LoopDevicesMissing", "This machine has no loop devices.", "Run it where /dev/loop-control is there, or run the demo of Mirror.", FailureCategory.NotFound);
    }
}
