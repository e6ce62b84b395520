using System.Runtime.InteropServices;

namespace StatefulDeploy.Posix;

/// <summary>The calls of libc that .NET does not offer. Numbers are Linux's, and the same on every architecture that .NET runs on.</summary>
internal static partial class Libc
{
    public const int ReadOnly = 0;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int CloseOnExec = 0x80000;
    public const int LockExclusive = 2;
    public const int LockNoWait = 4;
    public const int ClockBootTime = 7;
    public const int SigTerm = 15;
    public const int SigKill = 9;
    public const int ExistsAlready = 17;
    public const int WouldBlock = 11;

    private const int CurrentFolder = -100;
    private const uint OwnerFields = 0x18;
    private const long SendSignalByHandle = 424;
    private const long OpenProcessHandle = 434;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode = 0);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int FlushData(int descriptor);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(int descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Link(string existing, string name);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    public static partial int ChangeOwner(int descriptor, uint user, uint group);

    /// <summary>Who owns a file; null when there is none.</summary>
    public static (uint User, uint Group)? FindOwner(string path) =>
        GetStatus(CurrentFolder, path, 0, OwnerFields, out var status) == 0 ? (status.User, status.Group) : null;

    [LibraryImport("libc", EntryPoint = "getsid", SetLastError = true)]
    public static partial int GetSession(int process);

    /// <summary>A handle of a process: a signal sent through it cannot reach another one that has got the number since. Negative where the kernel (before 5.3) has none.</summary>
    public static int OpenProcess(int process) => (int)SystemCall(OpenProcessHandle, process, 0, 0, 0);

    public static int SendSignal(int processHandle, int signal) => (int)SystemCall(SendSignalByHandle, processHandle, signal, 0, 0);

    /// <summary>Milliseconds since boot, those in which the machine slept included.</summary>
    public static long BootMilliseconds()
    {
        if (GetTime(ClockBootTime, out var time) != 0)
            throw new PlatformNotSupportedException("The clock since boot cannot be read.");

        return (time.Seconds * 1000) + (time.Nanoseconds / 1_000_000);
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long SystemCall(long number, long first, long second, long third, long fourth);

    // Of the calls that tell a file's owner, the one whose answer has the same layout on every architecture.
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetStatus(int folder, string path, int flags, uint mask, out FileStatus status);

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int GetTime(int clock, out TimeValue time);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct FileStatus
    {
        [FieldOffset(20)]
        public uint User;

        [FieldOffset(24)]
        public uint Group;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeValue
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
