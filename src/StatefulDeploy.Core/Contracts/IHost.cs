namespace StatefulDeploy.Contracts;

/// <summary>A machine on which nodes run, and the only way to its files and processes.</summary>
public interface IHost
{
    /// <summary>The name, as the service file uses it.</summary>
    string Name { get; }

    /// <summary>Whether the machine is there. One that is made only in the course of the upgrade is asked nothing before.</summary>
    bool Exists => true;

    /// <summary>Runs a command to its end. A non-zero exit code is a result, not an exception.</summary>
    /// <exception cref="UpgradeException">The program is missing, or the host cannot be reached.</exception>
    Task<CommandResult> RunAsync(HostCommand command, CancellationToken cancellationToken);

    /// <summary>Starts a server in a session of its own that outlives us; its output goes to a file.</summary>
    /// <returns>What is needed to find and stop it later.</returns>
    Task<ProcessIdentity> StartDetachedAsync(HostCommand command, string outputFile, CancellationToken cancellationToken);

    /// <summary>Whether that very process (not another with its number) still runs.</summary>
    Task<bool> IsRunningAsync(ProcessIdentity process, CancellationToken cancellationToken);

    /// <summary>Asks that very process to end, and after the grace time ends it. Does nothing when it is gone.</summary>
    Task StopAsync(ProcessIdentity process, TimeSpan grace, CancellationToken cancellationToken);

    /// <summary>The text of a file; null when there is none.</summary>
    Task<string?> ReadFileAsync(string path, CancellationToken cancellationToken);

    /// <summary>Replaces a file as a whole: a temporary one is written, flushed to disk and renamed, and the folder flushed. Its owner stays who it was.</summary>
    Task WriteFileAsync(string path, string content, UnixFileMode mode, CancellationToken cancellationToken);

    /// <summary>Renames a file, over one that may be there. Nothing is flushed to disk: after a power cut either may have that name.</summary>
    Task RenameFileAsync(string from, string to, CancellationToken cancellationToken);

    /// <summary>Makes a folder and those above it.</summary>
    Task CreateFolderAsync(string path, UnixFileMode mode, CancellationToken cancellationToken);

    /// <summary>Removes a folder with all that is in it; nothing when there is none.</summary>
    Task RemoveFolderAsync(string path, CancellationToken cancellationToken);

    /// <summary>Copies a file on the host and flushes the copy to disk.</summary>
    /// <returns>The SHA-256 of the content, in lower-case hexadecimal.</returns>
    Task<string> CopyFileAsync(string from, string to, CancellationToken cancellationToken);

    /// <summary>The free bytes of the file system that holds a path (or its nearest existing parent), the available memory in bytes, and the number of processors.</summary>
    Task<HostCapacity> MeasureAsync(string path, CancellationToken cancellationToken);

    /// <summary>Whether nothing listens on a TCP port of an address.</summary>
    Task<bool> IsPortFreeAsync(string address, int port, CancellationToken cancellationToken);

    /// <summary>Some TCP port of an address on which nothing listens now.</summary>
    Task<int> FindFreePortAsync(string address, CancellationToken cancellationToken);
}
