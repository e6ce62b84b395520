using System.Collections.Concurrent;
using StatefulDeploy.Harness.Disks;
using StatefulDeploy.Harness.Fleet;
using StatefulDeploy.Harness.Processes;

namespace StatefulDeploy.Harness.Azure.Hardware;

/// <summary>
/// Real machines and disks behind those of the simulator: machines of a fleet, and image files as loop devices that appear in a machine at
/// <c>/dev/disk/azure/scsi1/lunN</c> while they are attached. What is not bound is in the API alone.
/// </summary>
/// <param name="folder">Where images of copies are made.</param>
public sealed class FleetHardware(string folder) : IAzureHardware, IAsyncDisposable
{
    private const string Place = "/dev/disk/azure/scsi1";

    private static readonly TimeSpan Within = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, TestMachine> _machines = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, string> _addresses = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, string> _images = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, bool> _off = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<(string Machine, int Lun), string> _attached = new();
    private readonly ConcurrentQueue<string> _torn = new();

    /// <summary>Disks that were detached while they were mounted: what was not flushed is lost then.</summary>
    public IReadOnlyCollection<string> Torn => _torn;

    /// <summary>Puts a machine of a fleet behind a virtual machine, whether that is made yet or not.</summary>
    /// <param name="machine">The virtual machine's name.</param>
    /// <param name="real">The machine.</param>
    /// <param name="networkInterface">The name of its interface, which gets its address; by default <c>{machine}-nic</c>.</param>
    public async Task BindAsync(string machine, TestMachine real, string? networkInterface = null)
    {
        ArgumentNullException.ThrowIfNull(real);
        _machines[machine] = real;
        _addresses[networkInterface ?? machine + "-nic"] = real.Address;
        await FurnishAsync(machine, real);
    }

    /// <summary>Puts a real disk behind a managed disk.</summary>
    /// <param name="disk">The managed disk's name.</param>
    /// <param name="real">The disk.</param>
    public void Bind(string disk, LoopDisk real)
    {
        ArgumentNullException.ThrowIfNull(real);
        _images[disk] = real.Image;
    }

    /// <summary>The image of a disk or snapshot; null when it has none, or has none any more.</summary>
    /// <param name="disk">Its name.</param>
    public string? Image(string disk) => _images.GetValueOrDefault(disk);

    /// <inheritdoc/>
    public async Task AttachAsync(string machine, string disk, int lun)
    {
        if (_machines.TryGetValue(machine, out var real) && _images.TryGetValue(disk, out var image))
        {
            var device = (await DoAsync("losetup", "--find", "--show", image)).Trim();
            _attached[(machine, lun)] = device;
            if (!_off.ContainsKey(machine))
            {
                await real.RunAsync("ln", "-sfn", device, Link(lun));
            }
        }
    }

    /// <inheritdoc/>
    public async Task DetachAsync(string machine, string disk, int lun)
    {
        if (!_machines.TryGetValue(machine, out var real) || !_attached.TryRemove((machine, lun), out var device))
        {
            return;
        }

        if (!_off.ContainsKey(machine))
        {
            await real.RunAsync("rm", "-f", Link(lun));
            if ((await real.TryRunAsync("findmnt", "--noheadings", "--source", device)).ExitCode == 0)
            {
                _torn.Enqueue(disk);
                await real.RunAsync("umount", "--all-targets", "--lazy", device);
            }
        }

        await DoAsync("losetup", "--detach", device);
    }

    /// <inheritdoc/>
    public async Task CopyAsync(string source, string copy)
    {
        if (_images.TryGetValue(source, out var image))
        {
            var path = Path.Combine(folder, copy + ".img");
            await DoAsync("cp", "--reflink=auto", "--sparse=always", image, path);
            _images[copy] = path;
        }
    }

    /// <inheritdoc/>
    public async Task PowerAsync(string machine, bool on)
    {
        if (!_machines.TryGetValue(machine, out var real) || on != _off.ContainsKey(machine))
        {
            return;
        }

        if (on)
        {
            await real.StartAsync();
            await FurnishAsync(machine, real);
            _off.TryRemove(machine, out _);
        }
        else
        {
            _off[machine] = true;
            await real.CrashAsync();
        }
    }

    /// <inheritdoc/>
    public string? AddressOf(string networkInterface) => _addresses.GetValueOrDefault(networkInterface);

    /// <inheritdoc/>
    public Task DeleteAsync(string disk)
    {
        if (_images.TryRemove(disk, out var image))
        {
            File.Delete(image);
        }

        return Task.CompletedTask;
    }

    /// <summary>Ends the devices that are left.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var device in _attached.Values)
        {
            await TestProcess.RunAsync("losetup", ["--detach", device], Within);
        }
    }

    // A /dev/disk of the machine's own: the rest of /dev is shared, and other machines see nothing of this.
    private async Task FurnishAsync(string machine, TestMachine real)
    {
        await real.RunAsync("sh", "-c", $"mkdir -p /dev/disk && mount -t tmpfs -o mode=755 tmpfs /dev/disk && mkdir -p {Place}");
        foreach (var ((owner, lun), device) in _attached.Where(one => string.Equals(one.Key.Machine, machine, StringComparison.OrdinalIgnoreCase)))
        {
            await real.RunAsync("ln", "-sfn", device, Link(lun));
        }
    }

    private static string Link(int lun) => FormattableString.Invariant($"{Place}/lun{lun}");

    private static async Task<string> DoAsync(string program, params string[] arguments)
    {
        var (code, said) = await TestProcess.RunAsync(program, arguments, Within);
        return code == 0 ? said : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {said}");
    }
}
