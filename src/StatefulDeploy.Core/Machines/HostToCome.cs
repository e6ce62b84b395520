using StatefulDeploy.Contracts;

namespace StatefulDeploy.Machines;

/// <summary>A host whose machine is made only in the course of the upgrade: until then nothing can be asked of it.</summary>
internal sealed class HostToCome(string name) : IHost
{
    public string Name => name;

    public bool Exists => false;

    public Task<CommandResult> RunAsync(HostCommand command, CancellationToken cancellationToken) => throw NotMade();

    public Task<ProcessIdentity> StartDetachedAsync(HostCommand command, string outputFile, CancellationToken cancellationToken) => throw NotMade();

    public Task<bool> IsRunningAsync(ProcessIdentity process, CancellationToken cancellationToken) => throw NotMade();

    public Task StopAsync(ProcessIdentity process, TimeSpan grace, CancellationToken cancellationToken) => throw NotMade();

    public Task<string?> ReadFileAsync(string path, CancellationToken cancellationToken) => throw NotMade();

    public Task WriteFileAsync(string path, string content, UnixFileMode mode, CancellationToken cancellationToken) => throw NotMade();

    public Task RenameFileAsync(string from, string to, CancellationToken cancellationToken) => throw NotMade();

    public Task CreateFolderAsync(string path, UnixFileMode mode, CancellationToken cancellationToken) => throw NotMade();

    public Task RemoveFolderAsync(string path, CancellationToken cancellationToken) => throw NotMade();

    public Task<string> CopyFileAsync(string from, string to, CancellationToken cancellationToken) => throw NotMade();

    public Task<HostCapacity> MeasureAsync(string path, CancellationToken cancellationToken) => throw NotMade();

    public Task<bool> IsPortFreeAsync(string address, int port, CancellationToken cancellationToken) => throw NotMade();

    public Task<int> FindFreePortAsync(string address, CancellationToken cancellationToken) => throw NotMade();

    private UpgradeException NotMade() => new(
        "HostNotMade",
        $"The machine of host '{name}' is not made yet.",
        "New-GreenCluster (statefuldeploy upgrade --through provision) makes it.",
        FailureCategory.WrongState)
    { Target = name };
}
