using StatefulDeploy.Contracts;

namespace StatefulDeploy.Hosts.OpenSsh;

/// <summary>
/// A machine that is reached by the system's ssh, with the user's own configuration, keys, agent, jump hosts and known hosts. All commands of this process
/// go over one connection. Linux, with sh, coreutils and <c>setsid</c>; nothing of ours need be installed on it, but what a guard there needs.
/// </summary>
/// <remarks>
/// A command that is cancelled or late is ended over there as well; one on a host that cannot be reached any more ends at its deadline by itself. A call
/// that fails with <c>HostConnectionLost</c> may have been done or not.
/// </remarks>
public sealed class OpenSshHost : IRemoteHost
{
    private readonly SshHostOptions _options;
    private readonly SshCommand _commands;
    private readonly RemoteFiles _files;
    private readonly RemoteProcesses _processes;
    private readonly RemoteMachine _machine;

    /// <summary>Describes one; nothing is connected before the first command.</summary>
    /// <param name="options">How it is reached.</param>
    public OpenSshHost(SshHostOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _commands = new SshCommand(options);
        _files = new RemoteFiles(options, _commands);
        _processes = new RemoteProcesses(options, _commands);
        _machine = new RemoteMachine(options, _commands);
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public Task<CommandResult> RunAsync(HostCommand command, CancellationToken cancellationToken) => _commands.RunAsync(command, cancellationToken);

    /// <inheritdoc/>
    public async Task<IHostChannel> OpenAsync(HostCommand command, CancellationToken cancellationToken) =>
        await SshSession.StartAsync(_options, command with { Timeout = Timeout.InfiniteTimeSpan }, _options.Sudo, cancellationToken);

    /// <inheritdoc/>
    public Task PutFolderAsync(string root, IReadOnlyList<string> files, string folder, CancellationToken cancellationToken) => _files.PutFolderAsync(root, files, folder, cancellationToken);

    /// <inheritdoc/>
    public Task<ProcessIdentity> StartDetachedAsync(HostCommand command, string outputFile, CancellationToken cancellationToken) => _processes.StartAsync(command, outputFile, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> IsRunningAsync(ProcessIdentity process, CancellationToken cancellationToken) => _processes.IsRunningAsync(process, cancellationToken);

    /// <inheritdoc/>
    public Task StopAsync(ProcessIdentity process, TimeSpan grace, CancellationToken cancellationToken) => _processes.StopAsync(process, grace, cancellationToken);

    /// <inheritdoc/>
    public Task<string?> ReadFileAsync(string path, CancellationToken cancellationToken) => _files.ReadAsync(path, cancellationToken);

    /// <inheritdoc/>
    public Task WriteFileAsync(string path, string content, UnixFileMode mode, CancellationToken cancellationToken) => _files.WriteAsync(path, content, mode, cancellationToken);

    /// <inheritdoc/>
    public Task RenameFileAsync(string from, string to, CancellationToken cancellationToken) => _files.RenameAsync(from, to, cancellationToken);

    /// <inheritdoc/>
    public Task CreateFolderAsync(string path, UnixFileMode mode, CancellationToken cancellationToken) => _files.CreateFolderAsync(path, mode, cancellationToken);

    /// <inheritdoc/>
    public Task RemoveFolderAsync(string path, CancellationToken cancellationToken) => _files.RemoveFolderAsync(path, cancellationToken);

    /// <inheritdoc/>
    public Task<string> CopyFileAsync(string from, string to, CancellationToken cancellationToken) => _files.CopyAsync(from, to, cancellationToken);

    /// <inheritdoc/>
    public Task<HostCapacity> MeasureAsync(string path, CancellationToken cancellationToken) => _machine.MeasureAsync(path, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> IsPortFreeAsync(string address, int port, CancellationToken cancellationToken) => _machine.IsPortFreeAsync(address, port, cancellationToken);

    /// <inheritdoc/>
    public Task<int> FindFreePortAsync(string address, CancellationToken cancellationToken) => _machine.FindFreePortAsync(address, cancellationToken);
}
