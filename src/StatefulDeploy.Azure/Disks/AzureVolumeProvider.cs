using System.Collections.Concurrent;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Machines;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Disks;

/// <summary>Volumes that are managed disks of Azure, attached to virtual machines and detached from them through Resource Manager.</summary>
public sealed class AzureVolumeProvider : IVolumeProvider, IDisposable
{
    /// <summary>The kind, as the service file names it.</summary>
    public const string KindName = "azure";

    private static readonly TimeSpan GuestPatience = TimeSpan.FromMinutes(3);

    private readonly Lazy<AzureService> _azure;
    private readonly Lazy<DiskReadings> _readings;
    private readonly Lazy<LunDevices> _devices;
    private readonly ConcurrentDictionary<ResourceId, MachineDisks> _machines = new();
    private readonly VolumeConsent _consent;

    /// <summary>The volumes of a service; nobody is signed in before the first of them is asked for.</summary>
    /// <param name="service">The service, with its section <c>azure</c>.</param>
    /// <param name="consent">What the operator accepts.</param>
    /// <param name="reporter">Where steps are told.</param>
    public AzureVolumeProvider(ServiceDescription service, VolumeConsent consent, IReporter reporter)
        : this(() => new AzureService(service, reporter), consent)
    {
    }

    internal AzureVolumeProvider(Func<AzureService> azure, VolumeConsent consent)
    {
        _azure = new(azure);
        _readings = new(() => new DiskReadings(Azure));
        _devices = new(() => new LunDevices(Azure.Clock));
        _consent = consent;
    }

    /// <inheritdoc/>
    public string Kind => KindName;

    private AzureService Azure => _azure.Value;

    /// <inheritdoc/>
    public async Task<bool> IsAttachedAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        var machine = Azure.MachineOf(host.Name);
        var disk = await _readings.Value.FindAsync(Azure.DiskOf(volume), cancellationToken) ?? throw NoDisk(volume);
        return disk.Owners.Contains(machine);
    }

    /// <inheritdoc/>
    public async Task RequireAttachableAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        var findings = await InspectAsync(volume, host, cancellationToken);
        foreach (var warning in findings.Where(finding => finding.Severity == FindingSeverity.Warning))
            Azure.Tell($"{warning.Message} {warning.Remedy}", ReportLevel.Warning);

        if (findings.FirstOrDefault(finding => finding.Severity == FindingSeverity.Refuse) is { } refused)
            throw new UpgradeException(refused.Code, $"Volume '{volume.Name}': {refused.Message}", refused.Remedy, FailureCategory.Refused) { Target = volume.Name };
    }

    /// <inheritdoc/>
    public async Task AttachAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        var (machine, id) = (Azure.MachineOf(host.Name), Azure.DiskOf(volume));
        using var announced = DisksOf(machine).Announce();
        var disk = await FindDiskAsync(volume, cancellationToken);
        if (!disk.Owners.Contains(machine))
            RequireUnowned(volume, disk, machine);

        var place = Azure.Notes.PlaceOf(id);
        var caching = volume.Caching ?? place?.Caching ?? DefaultCaching(disk);
        await DisksOf(machine).ChangeAsync(
            new DiskChange(id, Attach: true)
            {
                Lun = volume.Slot ?? place?.Lun,
                Caching = DiskCaching.Obstacle(disk) is null ? caching : DiskCaching.None,
                WriteAccelerator = place?.WriteAccelerator ?? false,
            },
            announced,
            cancellationToken);
        _readings.Value.Forget();
        var lun = (await SeeAsync(machine, cancellationToken)).Find(id)?.Lun ?? throw Vanished(volume, machine);
        await _devices.Value.WaitUntilThereAsync(host, volume, lun, GuestPatience, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task DetachAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        var (machine, id) = (Azure.MachineOf(host.Name), Azure.DiskOf(volume));
        using var announced = DisksOf(machine).Announce();
        var sight = await SeeAsync(machine, cancellationToken);
        if (sight.Find(id) is { IsLeaving: false } entry)
            Azure.Notes.Keep(id, new DiskPlace(machine.ToString(), entry.Lun, entry.Caching, entry.WriteAccelerator));
        else if (!sight.IsFailed && !(await FindDiskAsync(volume, cancellationToken)).Owners.Contains(machine))
            return;

        await DisksOf(machine).ChangeAsync(new DiskChange(id, Attach: false) { MayForce = _consent.ForceDetach }, announced, cancellationToken);
        _readings.Value.Forget();
        await WaitUntilGoneAsync(volume, host, cancellationToken);
        if (Azure.Azure.SnapshotBeforeMove)
            await new DiskSnapshots(Azure).TakeAsync(id, $"volume {volume.Name} before its move", cancellationToken);
    }

    /// <summary>Tells how many requests it took.</summary>
    public void Dispose()
    {
        if (!_azure.IsValueCreated)
            return;

        Azure.TellBudget();
        foreach (var machine in _machines.Values)
            machine.Dispose();
    }

    internal async Task<IReadOnlyList<Finding>> InspectAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        var disk = await FindDiskAsync(volume, cancellationToken);
        var machine = await SeeAsync(Azure.MachineOf(host.Name), cancellationToken);
        var size = await Azure.Sizes.FindAsync(machine.Resource.Location, machine.Size, cancellationToken);
        return [.. await Azure.Rights.InspectAsync(machine.Id, Needed(), cancellationToken), .. AttachRules.Inspect(volume, disk, machine, size, Azure.Machines)];
    }

    private IEnumerable<string> Needed()
    {
        yield return Azure.Client.Environment.Versions.HasAttachDetach ? "Microsoft.Compute/virtualMachines/attachDetachDataDisks/action" : "Microsoft.Compute/virtualMachines/write";
        if (Azure.Azure.SnapshotBeforeMove)
            yield return "Microsoft.Compute/snapshots/write";
    }

    // A machine that is gone or off has let go of the disk, as Azure says: it need not be asked.
    private async Task WaitUntilGoneAsync(VolumeDescription volume, IHost host, CancellationToken cancellationToken)
    {
        try
        {
            await _devices.Value.WaitUntilGoneAsync(host, volume, GuestPatience, cancellationToken);
        }
        catch (UpgradeException failure) when (failure.Category == FailureCategory.Unreachable)
        {
            Azure.Tell($"Host '{host.Name}' does not answer; Azure says that it has volume '{volume.Name}' no more.", ReportLevel.Warning);
        }
    }

    private static void RequireUnowned(VolumeDescription volume, DiskSight disk, ResourceId machine)
    {
        if (disk.Owners.Count >= Math.Max(disk.MaxShares, 1) || (disk.Owners.Count > 0 && disk.MaxShares <= 1))
        {
            throw new UpgradeException(
                "VolumeAttachedElsewhere",
                $"The disk '{disk.Id.Name}' of volume '{volume.Name}' is attached to {string.Join(" and ", disk.Owners.Select(owner => $"'{owner.Name}'"))}, and is to be attached to '{machine.Name}'.",
                "Detach it there. If that machine is none of this service, correct 'disk' of the volume.",
                FailureCategory.Busy)
            { Target = volume.Name };
        }
    }

    // learn.microsoft.com/azure/virtual-machines/premium-storage-performance: read caching is the default of premium disks, none of others.
    private static string DefaultCaching(DiskSight disk) => disk.IsPremium ? DiskCaching.ReadOnly : DiskCaching.None;

    private MachineDisks DisksOf(ResourceId machine) => _machines.GetOrAdd(machine, id => new MachineDisks(Azure, id));

    private async Task<MachineSight> SeeAsync(ResourceId machine, CancellationToken cancellationToken) =>
        new(await Azure.Client.GetAsync(machine, cancellationToken));

    private async Task<DiskSight> FindDiskAsync(VolumeDescription volume, CancellationToken cancellationToken) =>
        await Azure.Client.FindAsync(Azure.DiskOf(volume), cancellationToken) is { } resource ? new DiskSight(resource) : throw NoDisk(volume);

    private UpgradeException NoDisk(VolumeDescription volume) => new(
        "DiskNotFound",
        $"There is no disk {Azure.DiskOf(volume)}, which is to be volume '{volume.Name}'.",
        "Correct 'disk' of the volume, or azure.subscription and azure.resourceGroup.",
        FailureCategory.NotFound)
    { Target = volume.Name };

    private static UpgradeException Vanished(VolumeDescription volume, ResourceId machine) => new(
        "VolumeAttachFailed",
        $"Volume '{volume.Name}' was attached to the machine '{machine.Name}', and is not there any more.",
        "See who else detaches disks from that machine (its activity log).",
        FailureCategory.Busy)
    { Target = volume.Name };
}
