using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace StatefulDeploy.Posix;

/// <summary>Writes that are on disk when the call returns: neither a crash nor a power cut afterwards takes them back or leaves half of one.</summary>
public static class DurableFile
{
    /// <summary>Read and write for the owner alone.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>All rights on a folder for the owner alone.</summary>
    public const UnixFileMode OwnerOnlyFolder = OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>Replaces a file as a whole: readers see the old content or the new, never a part. Whoever owned it still does, so that a server can read what we write as root.</summary>
    /// <exception cref="IOException">It could not be written; the old file is as it was.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content, UnixFileMode mode = OwnerOnly)
    {
        var temporary = WriteBeside(path, content, mode);
        try
        {
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        FlushFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Replaces a file as a whole by a text in UTF-8.</summary>
    /// <exception cref="IOException">It could not be written; the old file is as it was.</exception>
    public static void Replace(string path, string content, UnixFileMode mode = OwnerOnly) =>
        Replace(path, Encoding.UTF8.GetBytes(content), mode);

    /// <summary>Writes beside a file what is to replace it later, on disk and of the same owner, so that the replacing is a rename and no more.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public static void Stage(string path, string beside, string content, UnixFileMode mode) =>
        File.Move(WriteBeside(path, Encoding.UTF8.GetBytes(content), mode), beside, overwrite: true);

    /// <summary>Gives a file a second name, unless there is a file of that name: of any number of processes that try, one wins.</summary>
    /// <returns>Whether this call made the name.</returns>
    /// <exception cref="IOException">The name could not be made for another reason.</exception>
    public static bool TryLink(string existing, string name)
    {
        if (Libc.Link(existing, name) == 0)
        {
            FlushFolder(Path.GetDirectoryName(name)!);
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        if (error != Libc.ExistsAlready)
            throw new IOException($"'{name}' cannot be made: {Marshal.GetPInvokeErrorMessage(error)}.");

        // Whoever made it may not have flushed the folder yet, and what we read from it must not be taken back.
        FlushFolder(Path.GetDirectoryName(name)!);
        return false;
    }

    /// <summary>Flushes a folder, so that names made, changed or removed in it stay so.</summary>
    /// <exception cref="IOException">The folder cannot be opened or flushed.</exception>
    public static void FlushFolder(string folder)
    {
        var descriptor = Libc.Open(folder, Libc.ReadOnly | Libc.CloseOnExec);
        if (descriptor < 0)
            throw new IOException($"Folder '{folder}' cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}.");

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Libc.Flush(descriptor) != 0)
            throw new IOException($"Folder '{folder}' cannot be flushed: {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    /// <summary>Makes a folder and those above it, each flushed into its parent.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void CreateFolder(string folder, UnixFileMode mode = OwnerOnlyFolder)
    {
        var missing = new Stack<string>();
        for (var at = Path.GetFullPath(folder); !Directory.Exists(at); at = Path.GetDirectoryName(at)!)
            missing.Push(at);

        foreach (var at in missing)
        {
            Directory.CreateDirectory(at, mode);
            FlushFolder(Path.GetDirectoryName(at)!);
        }
    }

    /// <summary>Makes a folder for its owner alone in a folder that everybody may write to, or sees that one that is there is ours and nobody else's.</summary>
    /// <returns>False when it is another's, a link, or open to others.</returns>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static bool TryCreatePrivateFolder(string folder)
    {
        var made = Directory.CreateDirectory(folder, OwnerOnlyFolder);
        return made.LinkTarget is null && made.UnixFileMode == OwnerOnlyFolder && Libc.FindOwner(folder)?.User == Libc.FindOwner("/proc/self")?.User;
    }

    private static string WriteBeside(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode, BufferSize = 0 });
            KeepOwner(file, path);

            // The process may have a stricter mask than the mode asks for, and whoever reads the file by it would be kept out.
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(file.SafeFileHandle, mode);
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        return temporary;
    }

    private static void KeepOwner(FileStream file, string path)
    {
        if (Libc.FindOwner(path) is { } owner && owner != Libc.FindOwner(file.Name)
            && Libc.ChangeOwner((int)file.SafeFileHandle.DangerousGetHandle(), owner.User, owner.Group) != 0)
            throw new IOException($"'{path}' cannot be given back to its owner: {Marshal.GetLastPInvokeErrorMessage()}.");
    }
}
