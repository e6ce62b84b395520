using StatefulDeploy.Contracts;

namespace StatefulDeploy.Guard.Remote;

/// <summary>This machine under the name that the service file has for it: what is asked of others about a host (a claim on a disk, a cloud's machine) is asked by that name.</summary>
internal sealed class NamedHost(IHost host, string name) : IHost
{
    public string Name => name;

    public Task<CommandResult> RunAsync(HostCommand command, CancellationToken cancellationToken) => host.RunAsync(command, cancellationToken);

    public Task<ProcessIdentity> StartDetachedAsync(HostCommand command, string outputFile, CancellationToken cancellationToken) => host.StartDetachedAsync(command, outputFile, cancellationToken);

    public Task<bool> IsRunningAsync(ProcessIdentity process, CancellationToken cancellationToken) => host.IsRunningAsync(process, cancellationToken);

    public Task StopAsync(ProcessIdentity process, TimeSpan grace, CancellationToken cancellationToken) => host.StopAsync(process, grace, cancellationToken);

    public Task<string?> ReadFileAsync(string path, CancellationToken cancellationToken) => host.ReadFileAsync(path, cancellationToken);

    public Task WriteFileAsync(string path, string content, UnixFileMode mode, CancellationToken cancellationToken) => host.WriteFileAsync(path, content, mode, cancellationToken);

    public Task RenameFileAsync(string from, string to, CancellationToken cancellationToken) => host.RenameFileAsync(from, to, cancellationToken);

    public Task CreateFolderAsync(string path, UnixFileMode mode, CancellationToken cancellationToken) => host.CreateFolderAsync(path, mode, cancellationToken);

    public Task RemoveFolderAsync(string path, CancellationToken cancellationToken) => host.RemoveFolderAsync(path, cancellationToken);

    public Task<string> CopyFileAsync(string from, string to, CancellationToken cancellationToken) => host.CopyFileAsync(from, to, cancellationToken);

    public Task<HostCapacity> MeasureAsync(string path, CancellationToken cancellationToken) => host.MeasureAsync(path, cancellationToken);

    public Task<bool> IsPortFreeAsync(string address, int port, CancellationToken cancellationToken) => host.IsPortFreeAsync(address, port, cancellationToken);

    public Task<int> FindFreePortAsync(string address, CancellationToken cancellationToken) => host.FindFreePortAsync(address, cancellationToken);
}
