using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using StatefulDeploy.Contracts;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Guard;

/// <summary>The names in a guard's folder that processes meet at.</summary>
internal sealed class GuardFolder(string path)
{
    private const int SocketPathLimit = 100;
    private const UnixFileMode Others = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public string Log => Of("guard.log");

    public string Lock => Of("lock");

    /// <summary>Who holds the lock. Not the lock file itself: .NET cannot open one that another process has locked.</summary>
    public string Holder => Of("holder.json");

    /// <summary>Whom somebody started last, whether or not that one has come as far as the lock.</summary>
    public string Started => Of("started.json");

    public string StarterLock => Of("starter.lock");

    public string Socket => Of("guard.sock");

    /// <summary>Makes the folder, or sees that nobody but its owner can put files of his own into it.</summary>
    /// <exception cref="UpgradeException">Others can.</exception>
    public void Ensure()
    {
        DurableFile.CreateFolder(Path);
        var mode = File.GetUnixFileMode(Path);
        if ((mode & Others) != UnixFileMode.None)
        {
            throw new UpgradeException(
                "GuardFolderExposed",
                $"Others than its owner may write to the guard's folder '{Path}' (mode {Convert.ToString((int)mode, 8)}): whoever can put an outcome there decides which cluster is written to.",
                $"Make it private: chmod 0700 '{Path}'.",
                FailureCategory.Refused) { Target = Path };
        }

        if (mode != DurableFile.OwnerOnlyFolder)
            File.SetUnixFileMode(Path, DurableFile.OwnerOnlyFolder);
    }

    /// <summary>The process that holds the guard's lock, or held it last; null when none ever did.</summary>
    public ProcessIdentity? ReadHolder() => Read(Holder);

    /// <summary>The process that was started last as a guard; null when none ever was.</summary>
    public ProcessIdentity? ReadStarted() => Read(Started);

    /// <summary>Writes down a process. Of no use after a reboot, so not flushed.</summary>
    public static void Write(string path, ProcessIdentity process)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        using (var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = DurableFile.OwnerOnly }))
            file.Write(JsonSerializer.SerializeToUtf8Bytes(process, GuardJson.Default.ProcessIdentity));

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Does something with the socket's address. A socket's path may have 107 bytes, a folder's thousands: a long one is reached through a descriptor.</summary>
    public T WithSocket<T>(Func<UnixDomainSocketEndPoint, T> use)
    {
        if (Encoding.UTF8.GetByteCount(Socket) <= SocketPathLimit)
            return use(new UnixDomainSocketEndPoint(Socket));

        using var folder = new Microsoft.Win32.SafeHandles.SafeFileHandle(Libc.Open(Path, Libc.ReadOnly | Libc.CloseOnExec), ownsHandle: true);
        return use(new UnixDomainSocketEndPoint($"/proc/self/fd/{(int)folder.DangerousGetHandle()}/guard.sock"));
    }

    private static ProcessIdentity? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), GuardJson.Default.ProcessIdentity);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    private string Of(string name) => System.IO.Path.Combine(Path, name);
}
