using StatefulDeploy.Contracts;

namespace StatefulDeploy.Volumes.Tests.Stage;

/// <summary>A host on which everything fails from the n-th change of a file system on: as if its operator had died there.</summary>
internal sealed class InterruptedHost(IHost inner, int changes) : IHost
{
    // What these do can be seen afterwards.
    private static readonly HashSet<string> Changing = ["mv", "rm", "cp", "mount", "umount", "losetup", "ln", "tar"];
    private int _left = changes;

    public string Name => inner.Name;

    /// <summary>Whether it failed at all.</summary>
    public bool Interrupted { get; private set; }

    public Task<CommandResult> RunAsync(HostCommand command, CancellationToken cancellationToken)
    {
        if (Changing.Contains(command.Program) || command.Arguments.Any(argument => argument is "mv" or "rm" or "cp"))
        {
            Count();
        }

        return inner.RunAsync(command, cancellationToken);
    }

    public Task<ProcessIdentity> StartDetachedAsync(HostCommand command, string outputFile, CancellationToken cancellationToken)
    {
        Count();
        return inner.StartDetachedAsync(command, outputFile, cancellationToken);
    }

    public Task<bool> IsRunningAsync(ProcessIdentity process, CancellationToken cancellationToken) => inner.IsRunningAsync(process, cancellationToken);

    public Task StopAsync(ProcessIdentity process, TimeSpan grace, CancellationToken cancellationToken) => inner.StopAsync(process, grace, cancellationToken);

    public Task<string?> ReadFileAsync(string path, CancellationToken cancellationToken) => inner.ReadFileAsync(path, cancellationToken);

    public Task WriteFileAsync(string path, string content, UnixFileMode mode, CancellationToken cancellationToken)
    {
        Count();
        return inner.WriteFileAsync(path, content, mode, cancellationToken);
    }

    public Task RenameFileAsync(string from, string to, CancellationToken cancellationToken)
    {
        Count();
        return inner.RenameFileAsync(from, to, cancellationToken);
    }

    public Task CreateFolderAsync(string path, UnixFileMode mode, CancellationToken cancellationToken)
    {
        Count();
        return inner.CreateFolderAsync(path, mode, cancellationToken);
    }

    public Task RemoveFolderAsync(string path, CancellationToken cancellationToken)
    {
        Count();
        return inner.RemoveFolderAsync(path, cancellationToken);
    }

    public Task<string> CopyFileAsync(string from, string to, CancellationToken cancellationToken) => inner.CopyFileAsync(from, to, cancellationToken);

    public Task<HostCapacity> MeasureAsync(string path, CancellationToken cancellationToken) => inner.MeasureAsync(path, cancellationToken);

    public Task<bool> IsPortFreeAsync(string address, int port, CancellationToken cancellationToken) => inner.IsPortFreeAsync(address, port, cancellationToken);

    public Task<int> FindFreePortAsync(string address, CancellationToken cancellationToken) => inner.FindFreePortAsync(address, cancellationToken);

    private void Count()
    {
        if (Interrupted || _left-- <= 0)
        {
            Interrupted = true;
            throw new UpgradeException("Interrupted", "The operator died here.", "Do it again.", FailureCategory.Unreachable);
        }
    }
}
