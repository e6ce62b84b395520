using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace StatefulDeploy.Posix;

/// <summary>A lock on a file that its process holds, and that the kernel takes away when the process is gone, however it ended.</summary>
public sealed class FileLock : IDisposable
{
    private const int OwnerMayReadAndWrite = 0x180;

    private readonly SafeFileHandle _file;

    private FileLock(SafeFileHandle file) => _file = file;

    /// <summary>Takes the lock; null when another process holds it.</summary>
    /// <exception cref="IOException">The file cannot be opened, or its file system has no locks.</exception>
    public static FileLock? TryTake(string path)
    {
        // Not File.Open: on Unix that one locks by itself, shared or not, and one who only looks would keep the lock from its owner.
        var descriptor = Libc.Open(path, Libc.ReadWrite | Libc.Create | Libc.CloseOnExec, OwnerMayReadAndWrite);
        if (descriptor < 0)
            throw Refused(path, Marshal.GetLastPInvokeError());

        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Libc.Lock(descriptor, Libc.LockExclusive | Libc.LockNoWait) == 0)
            return new FileLock(file);

        var error = Marshal.GetLastPInvokeError();
        file.Dispose();
        return error == Libc.WouldBlock ? null : throw Refused(path, error);
    }

    /// <summary>Takes the lock, waiting for it; null when another process holds it for all of that time.</summary>
    public static async Task<FileLock?> TakeAsync(string path, TimeSpan within, CancellationToken cancellationToken)
    {
        for (var until = Environment.TickCount64 + (long)within.TotalMilliseconds; ; await Task.Delay(5, cancellationToken))
        {
            if (TryTake(path) is { } taken)
                return taken;

            if (Environment.TickCount64 >= until)
                return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static IOException Refused(string path, int error) => new($"'{path}' cannot be locked: {Marshal.GetPInvokeErrorMessage(error)}.");
}
