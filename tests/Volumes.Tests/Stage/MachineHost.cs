using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness.Fleet;
using StatefulDeploy.Hosts.Local;

namespace StatefulDeploy.Volumes.Tests.Stage;

/// <summary>A machine of a fleet as a host, past ssh: commands run inside its namespaces.</summary>
internal sealed class MachineHost(TestMachine machine) : IHost
{
    private readonly LocalHost _outside = new();

    public string Name => machine.Name;

    public Task<CommandResult> RunAsync(HostCommand command, CancellationToken cancellationToken) => _outside.RunAsync(Inside(command), cancellationToken);

    public Task<ProcessIdentity> StartDetachedAsync(HostCommand command, string outputFile, CancellationToken cancellationToken) =>
        _outside.StartDetachedAsync(Inside(command), outputFile, cancellationToken);

    public Task<bool> IsRunningAsync(ProcessIdentity process, CancellationToken cancellationToken) => _outside.IsRunningAsync(process, cancellationToken);

    public Task StopAsync(ProcessIdentity process, TimeSpan grace, CancellationToken cancellationToken) => _outside.StopAsync(process, grace, cancellationToken);

    public async Task<string?> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        var result = await RunAsync(new HostCommand("cat", path), cancellationToken);
        return result.ExitCode == 0 ? result.Output : null;
    }

    public Task WriteFileAsync(string path, string content, UnixFileMode mode, CancellationToken cancellationToken) =>
        DoAsync(new HostCommand("sh", "-c", "cat > \"$1.tmp\" && sync \"$1.tmp\" && mv \"$1.tmp\" \"$1\"", "sh", path) { Input = content }, cancellationToken);

    public Task RenameFileAsync(string from, string to, CancellationToken cancellationToken) => DoAsync(new HostCommand("mv", "-fT", from, to), cancellationToken);

    public Task CreateFolderAsync(string path, UnixFileMode mode, CancellationToken cancellationToken) => DoAsync(new HostCommand("mkdir", "-p", path), cancellationToken);

    public Task RemoveFolderAsync(string path, CancellationToken cancellationToken) => DoAsync(new HostCommand("rm", "-rf", path), cancellationToken);

    public Task<string> CopyFileAsync(string from, string to, CancellationToken cancellationToken) => throw new NotSupportedException();

    public async Task<HostCapacity> MeasureAsync(string path, CancellationToken cancellationToken)
    {
        var result = await RunAsync(new HostCommand("sh", "-c", "p=$1; while [ ! -e \"$p\" ]; do p=$(dirname \"$p\"); done; stat -f -c '%a %S' \"$p\"", "sh", path), cancellationToken);
        var numbers = result.Output.Trim().Split(' ').Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToList();
        return new HostCapacity(numbers[0] * numbers[1], 1L << 30, 1);
    }

    public async Task<bool> IsPortFreeAsync(string address, int port, CancellationToken cancellationToken) =>
        (await RunAsync(new HostCommand("bash", "-c", "exec 3<> \"/dev/tcp/$1/$2\"", "bash", address, port.ToString(CultureInfo.InvariantCulture)), cancellationToken)).ExitCode != 0;

    public Task<int> FindFreePortAsync(string address, CancellationToken cancellationToken) => throw new NotSupportedException();

    private async Task DoAsync(HostCommand command, CancellationToken cancellationToken)
    {
        var result = await RunAsync(command, cancellationToken);
        if (result.ExitCode != 0)
        {
            throw new UpgradeException("FileFailed", $"{Name}: {string.Join(' ', command.Arguments)}: {result.Error}", "Look there.");
        }
    }

    private HostCommand Inside(HostCommand command) => command with
    {
        Program = "nsenter",
        Arguments = ["--target", machine.Process.ToString(CultureInfo.InvariantCulture), "--mount", "--pid", "--net", "--uts", "--ipc", "--", .. command.WorkingFolder is { } folder ? new[] { "env", "-C", folder } : [], command.Program, .. command.Arguments],
        WorkingFolder = null,
    };
}
