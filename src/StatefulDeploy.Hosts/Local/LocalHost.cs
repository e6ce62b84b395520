using System.Runtime.InteropServices;
using StatefulDeploy.Contracts;
using StatefulDeploy.Posix;

namespace StatefulDeploy.Hosts.Local;

/// <summary>This machine.</summary>
public sealed class LocalHost : IHost
{
    /// <inheritdoc/>
    public string Name => "local";

    /// <inheritdoc/>
    public Task<CommandResult> RunAsync(HostCommand command, CancellationToken cancellationToken) =>
        LocalCommand.RunAsync(command, cancellationToken);

    /// <inheritdoc/>
    public Task<ProcessIdentity> StartDetachedAsync(HostCommand command, string outputFile, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(DetachedProcess.Start(command, outputFile));
    }

    /// <inheritdoc/>
    public Task<bool> IsRunningAsync(ProcessIdentity process, CancellationToken cancellationToken) =>
        Task.FromResult(RunningProcess.IsRunning(process));

    /// <inheritdoc/>
    public async Task StopAsync(ProcessIdentity process, TimeSpan grace, CancellationToken cancellationToken)
    {
        if (!RunningProcess.Signal(process, PosixSignal.SIGTERM))
            return;

        if (!await RunningProcess.WaitGoneAsync(process, grace, cancellationToken))
            await RunningProcess.KillAsync(process, TimeSpan.FromSeconds(10), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<string?> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw FileFailure.Of(error, path, "read");
        }
    }

    /// <inheritdoc/>
    public Task WriteFileAsync(string path, string content, UnixFileMode mode, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        FileFailure.Guard(path, "written", () => DurableFile.Replace(path, content, mode));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task RenameFileAsync(string from, string to, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        FileFailure.Guard(from, "renamed", () => File.Move(from, to, overwrite: true));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task CreateFolderAsync(string path, UnixFileMode mode, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        FileFailure.Guard(path, "made", () => DurableFile.CreateFolder(path, mode));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task RemoveFolderAsync(string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        FileFailure.Guard(path, "removed", () =>
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<string> CopyFileAsync(string from, string to, CancellationToken cancellationToken) =>
        HashedCopy.RunAsync(from, to, cancellationToken);

    /// <inheritdoc/>
    public Task<HostCapacity> MeasureAsync(string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(LocalCapacity.Measure(path));
    }

    /// <inheritdoc/>
    public Task<bool> IsPortFreeAsync(string address, int port, CancellationToken cancellationToken) =>
        LocalPorts.IsFreeAsync(address, port, cancellationToken);

    /// <inheritdoc/>
    public Task<int> FindFreePortAsync(string address, CancellationToken cancellationToken) =>
        LocalPorts.FindFreeAsync(address, cancellationToken);
}
