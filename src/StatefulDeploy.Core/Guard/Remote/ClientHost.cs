using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Guard.Remote;

/// <summary>A host that the guard reaches through its client: no machine of a service need be let into another for us.</summary>
internal sealed class ClientHost(string name, ClientHosts clients) : IHost
{
    public string Name => name;

    public Task<CommandResult> RunAsync(HostCommand command, CancellationToken cancellationToken) =>
        AskAsync<CommandResult>(new HostCall { Act = HostAct.Run, Command = command }, cancellationToken);

    public Task<ProcessIdentity> StartDetachedAsync(HostCommand command, string outputFile, CancellationToken cancellationToken) =>
        AskAsync<ProcessIdentity>(new HostCall { Act = HostAct.StartDetached, Command = command, Path = outputFile }, cancellationToken);

    public Task<bool> IsRunningAsync(ProcessIdentity process, CancellationToken cancellationToken) =>
        AskAsync<bool>(new HostCall { Act = HostAct.IsRunning, Process = process }, cancellationToken);

    public Task StopAsync(ProcessIdentity process, TimeSpan grace, CancellationToken cancellationToken) =>
        DoAsync(new HostCall { Act = HostAct.Stop, Process = process, Grace = grace }, cancellationToken);

    public async Task<string?> ReadFileAsync(string path, CancellationToken cancellationToken) =>
        (await DoAsync(new HostCall { Act = HostAct.ReadFile, Path = path }, cancellationToken)).Result is { } text ? ModelJson.Read<string>(text) : null;

    public Task WriteFileAsync(string path, string content, UnixFileMode mode, CancellationToken cancellationToken) =>
        DoAsync(new HostCall { Act = HostAct.WriteFile, Path = path, Content = content, Mode = mode }, cancellationToken);

    public Task CreateFolderAsync(string path, UnixFileMode mode, CancellationToken cancellationToken) =>
        DoAsync(new HostCall { Act = HostAct.CreateFolder, Path = path, Mode = mode }, cancellationToken);

    public Task RemoveFolderAsync(string path, CancellationToken cancellationToken) =>
        DoAsync(new HostCall { Act = HostAct.RemoveFolder, Path = path }, cancellationToken);

    public Task<string> CopyFileAsync(string from, string to, CancellationToken cancellationToken) =>
        AskAsync<string>(new HostCall { Act = HostAct.CopyFile, Path = from, To = to }, cancellationToken);

    public Task RenameFileAsync(string from, string to, CancellationToken cancellationToken) =>
        DoAsync(new HostCall { Act = HostAct.RenameFile, Path = from, To = to }, cancellationToken);

    public Task<HostCapacity> MeasureAsync(string path, CancellationToken cancellationToken) =>
        AskAsync<HostCapacity>(new HostCall { Act = HostAct.Measure, Path = path }, cancellationToken);

    public Task<bool> IsPortFreeAsync(string address, int port, CancellationToken cancellationToken) =>
        AskAsync<bool>(new HostCall { Act = HostAct.IsPortFree, Path = address, Port = port }, cancellationToken);

    public Task<int> FindFreePortAsync(string address, CancellationToken cancellationToken) =>
        AskAsync<int>(new HostCall { Act = HostAct.FindFreePort, Path = address }, cancellationToken);

    private async Task<T> AskAsync<T>(HostCall call, CancellationToken cancellationToken) => ModelJson.Read<T>((await DoAsync(call, cancellationToken)).Result!);

    private Task<HostAnswer> DoAsync(HostCall call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return clients.Find(name).CallAsync(call with { Host = name }, cancellationToken);
    }
}
