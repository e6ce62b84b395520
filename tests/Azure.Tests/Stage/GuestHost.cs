using System.Globalization;
using StatefulDeploy.Contracts;
using StatefulDeploy.Harness.Azure;

namespace StatefulDeploy.Azure.Tests.Stage;

/// <summary>What runs inside a machine of the simulator: it sees the disks that the machine really has, at their numbers.</summary>
/// <param name="azure">The way to the simulator.</param>
/// <param name="name">The host's name, which is the machine's.</param>
internal sealed class GuestHost(AzureCaller azure, string name) : IHost
{
    public string Name => name;

    /// <summary>The UUID of the file system on a disk.</summary>
    public static string UuidOf(string disk) => FormattableString.Invariant($"00000000-0000-4000-8000-{Math.Abs(disk.GetHashCode(StringComparison.Ordinal)):D12}");

    public async Task<CommandResult> RunAsync(HostCommand command, CancellationToken cancellationToken)
    {
        var seen = await SeenAsync();
        var argument = command.Arguments[^1];
        return (command.Program, command.Arguments[0]) switch
        {
            ("sh", _) => Found(seen.GetValueOrDefault(int.Parse(argument, CultureInfo.InvariantCulture)) is { } disk ? $"/dev/{disk}" : null),
            ("blkid", "-p") => Found(UuidOf(argument["/dev/".Length..])),
            ("blkid", _) => Found(seen.Values.FirstOrDefault(disk => argument == $"UUID={UuidOf(disk)}")),
            _ => throw new NotSupportedException(command.Program),
        };
    }

    public Task<ProcessIdentity> StartDetachedAsync(HostCommand command, string outputFile, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> IsRunningAsync(ProcessIdentity process, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task StopAsync(ProcessIdentity process, TimeSpan grace, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<string?> ReadFileAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task WriteFileAsync(string path, string content, UnixFileMode mode, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RenameFileAsync(string from, string to, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task CreateFolderAsync(string path, UnixFileMode mode, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RemoveFolderAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<string> CopyFileAsync(string from, string to, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<HostCapacity> MeasureAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<bool> IsPortFreeAsync(string address, int port, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<int> FindFreePortAsync(string address, CancellationToken cancellationToken) => throw new NotSupportedException();

    private static CommandResult Found(string? text) => text is null ? new CommandResult(1, string.Empty, string.Empty) : new CommandResult(0, text + "\n", string.Empty);

    private async Task<Dictionary<int, string>> SeenAsync()
    {
        var machine = await azure.GetAsync(AzureStage.Machine(name));
        var seen = new Dictionary<int, string>();
        foreach (var entry in machine!["properties"]!["storageProfile"]!["dataDisks"]!.AsArray())
        {
            var disk = entry!["name"]!.GetValue<string>();
            var found = await azure.GetAsync(AzureStage.Disk(disk));
            var owners = new[] { found?["managedBy"] }.Concat(found?["managedByExtended"]?.AsArray() ?? []).Select(owner => owner?.GetValue<string>());
            if (owners.Any(owner => owner?.EndsWith("/" + name, StringComparison.OrdinalIgnoreCase) == true))
            {
                seen[entry["lun"]!.GetValue<int>()] = disk;
            }
        }

        return seen;
    }
}
