using StatefulDeploy.Harness;
using StatefulDeploy.Harness.Disks;
using StatefulDeploy.Harness.Fleet;

namespace StatefulDeploy.Upgrade.Tests.Fleet;

/// <summary>Image files, each with a file beside it that says which host has it.</summary>
internal sealed class ImageShelf : IDiskShelf
{
    public string Section => string.Empty;

    public Task PrepareAsync(TestBed bed, TestFleet fleet) => Task.CompletedTask;

    public async Task AttachAsync(int node, LoopDisk disk, string machine, string host)
    {
        await File.WriteAllTextAsync(disk.Image + ".attached", host + "\n");
        await disk.AttachAsync();
    }

    public string Describe(int node, LoopDisk disk) => $"provider: image, image: {disk.Image}";
}
