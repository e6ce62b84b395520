using System.Globalization;
using System.Runtime.InteropServices;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Posix;

/// <summary>Processes of this machine, told apart by start time and boot as well as by number.</summary>
public static class RunningProcess
{
    private static readonly Lazy<string> Boot = new(() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());

    /// <summary>The id of this boot of the machine.</summary>
    public static string BootId => Boot.Value;

    /// <summary>The set of processes that this one is among and can see: those of the machine, or of its container.</summary>
    public static string Space { get; } = new FileInfo("/proc/self/ns/pid").LinkTarget ?? string.Empty;

    /// <summary>This process.</summary>
    public static ProcessIdentity Self { get; } = Find(Environment.ProcessId)
        ?? throw new PlatformNotSupportedException("/proc is not mounted: processes cannot be told apart.");

    /// <summary>The process that has this number now; null when none has.</summary>
    public static ProcessIdentity? Find(int id) => ReadStat(id) is { } stat ? new ProcessIdentity(id, stat.StartTicks, BootId) : null;

    /// <summary>
    /// Whether that very process runs. One that has ended and was not waited for (a zombie) does not; one whose first thread has ended does while another
    /// is left, since it still holds its files, ports and mounts.
    /// </summary>
    public static bool IsRunning(ProcessIdentity process) => StatOf(process) is { } stat && (stat.State is not ('Z' or 'X') || (stat.State == 'Z' && stat.Threads > 1));

    /// <summary>Whether that very process is stopped by a signal or a debugger, and so cannot answer.</summary>
    public static bool IsStopped(ProcessIdentity process) => StatOf(process)?.State is 'T' or 't';

    /// <summary>Sends a signal to that very process and to no other, even if it ends meanwhile.</summary>
    /// <returns>False when it is gone.</returns>
    /// <exception cref="UpgradeException">The signal is not permitted.</exception>
    public static bool Signal(ProcessIdentity process, PosixSignal signal) => Signal(process, signal switch
    {
        PosixSignal.SIGTERM => Libc.SigTerm,
        _ => (int)signal,
    });

    /// <summary>Ends that very process at once (SIGKILL), and returns when it is gone.</summary>
    /// <exception cref="UpgradeException">It is still there after the time given, or the signal is not permitted.</exception>
    public static async Task KillAsync(ProcessIdentity process, TimeSpan within, CancellationToken cancellationToken)
    {
        Signal(process, Libc.SigKill);
        if (!await WaitGoneAsync(process, within, cancellationToken))
        {
            throw new UpgradeException(
                "ProcessWillNotEnd",
                $"Process {process.Id} is still there {within.TotalSeconds:0.#} s after it was killed.",
                "It hangs inside the kernel, most likely on its disk. See what its file system is doing.") { Target = process.Id };
        }
    }

    /// <summary>Waits until that very process is gone.</summary>
    /// <returns>False when it is still there after the time given.</returns>
    public static async Task<bool> WaitGoneAsync(ProcessIdentity process, TimeSpan within, CancellationToken cancellationToken)
    {
        var pause = 1;
        for (var until = Environment.TickCount64 + (long)within.TotalMilliseconds; IsRunning(process); pause = Math.Min(pause * 2, 50))
        {
            if (Environment.TickCount64 >= until)
                return false;

            await Task.Delay(pause, cancellationToken);
        }

        return true;
    }

    private static bool Signal(ProcessIdentity process, int signal)
    {
        var handle = Libc.OpenProcess(process.Id);
        try
        {
            // The handle was taken first: if the identity still holds now, it is the handle's, and stays so.
            if (!IsRunning(process))
                return false;

            if ((handle >= 0 ? Libc.SendSignal(handle, signal) : Libc.Kill(process.Id, signal)) == 0)
                return true;

            var error = Marshal.GetLastPInvokeError();
            return IsRunning(process) ? throw NotPermitted(process, error) : false;
        }
        finally
        {
            if (handle >= 0)
                _ = Libc.Close(handle);
        }
    }

    private static UpgradeException NotPermitted(ProcessIdentity process, int error) => new(
        "SignalRefused",
        $"Process {process.Id} cannot be signalled: {Marshal.GetPInvokeErrorMessage(error)}.",
        "Run as the user who started it.",
        FailureCategory.AccessDenied) { Target = process.Id };

    private static (char State, int Threads, long StartTicks)? StatOf(ProcessIdentity process) =>
        process.BootId == BootId && ReadStat(process.Id) is { } stat && stat.StartTicks == process.StartTicks ? stat : null;

    private static (char State, int Threads, long StartTicks)? ReadStat(int id)
    {
        string text;
        try
        {
            text = File.ReadAllText($"/proc/{id}/stat");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            return null;
        }

        // The second field is the program's name in parentheses, and may itself hold spaces and parentheses.
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return (fields[0][0], int.Parse(fields[17], CultureInfo.InvariantCulture), long.Parse(fields[19], CultureInfo.InvariantCulture));
    }
}
