namespace StatefulDeploy.Harness.Azure.Hardware;

/// <summary>Nothing is behind the machines and disks: they are in the API alone.</summary>
internal sealed class NoHardware : IAzureHardware
{
    public Task AttachAsync(string machine, string disk, int lun) => Task.CompletedTask;

    public Task DetachAsync(string machine, string disk, int lun) => Task.CompletedTask;

    public Task CopyAsync(string source, string copy) => Task.CompletedTask;

    public Task PowerAsync(string machine, bool on) => Task.CompletedTask;

    public string? AddressOf(string networkInterface) => null;

    public Task DeleteAsync(string disk) => Task.CompletedTask;
}
