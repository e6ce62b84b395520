using System.Globalization;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Disks;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Machines;

/// <summary>Whether a region has, and the subscription may have, the machines that are to be made, and whether they can have their disks.</summary>
internal sealed class CapacityRules(AzureService azure)
{
    private const string OtherSize = "Choose another size under azure.green.size.";

    /// <summary>What stands against making machines.</summary>
    public async Task<IReadOnlyList<Finding>> InspectAsync(IReadOnlyList<MachinePlan> plans, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        foreach (var region in plans.GroupBy(plan => plan.Region, StringComparer.OrdinalIgnoreCase))
        {
            var sizes = new List<MachineSize>();
            foreach (var plan in region)
            {
                if (await azure.Sizes.FindAsync(region.Key, plan.Size, cancellationToken) is not { } size)
                {
                    findings.Add(Finding.Refuse("SizeNotInRegion", plan.Name, $"The region {region.Key} has no size '{plan.Size}'.", OtherSize));
                    continue;
                }

                sizes.Add(size);
                findings.AddRange(Size(plan, size).Concat(Parts(plan, size)).Concat(Disks(plan, size)));
            }

            findings.AddRange(Quota(region.Key, sizes, await new QuotaReadings(azure).ReadAsync(region.Key, cancellationToken)));
        }

        return findings;
    }

    private static IEnumerable<Finding> Size(MachinePlan plan, MachineSize size)
    {
        if (size.RestrictionIn(plan.Zone) is { } reason)
            yield return Finding.Refuse("SizeRestricted", plan.Name, $"The subscription may not use the size {size.Name}{(plan.Zone is null ? string.Empty : $" in zone {plan.Zone}")}: {reason}.", "Choose another size or zone, or ask for this one (a support request for the quota).");
        if (plan.Zone is { } zone && !size.Zones.Contains(zone, StringComparer.Ordinal))
            yield return Finding.Refuse("SizeNotInZone", plan.Name, $"Zone {zone} has no size {size.Name}; {(size.Zones.Count == 0 ? "no zone has it" : $"{string.Join(", ", size.Zones.Order(StringComparer.Ordinal))} have it")}.", OtherSize);
        if (plan.Zone is not null && plan.Machine.Text("properties", "availabilitySet", "id") is not null)
            yield return Finding.Refuse("ZoneMismatch", plan.Name, $"The machine is to be in zone {plan.Zone} and in an availability set, which has no zone.", "Leave one of them out of the template.");
    }

    // learn.microsoft.com/azure/virtual-machines/sizes: what a size cannot have is refused only when the machine is made.
    private static IEnumerable<Finding> Parts(MachinePlan plan, MachineSize size)
    {
        if (plan.Machine.Flag("properties", "additionalCapabilities", "ultraSSDEnabled") && !(plan.Zone is { } zone ? size.UltraZones.Contains(zone) : size.UltraWithoutZone))
            yield return Finding.Refuse("UltraNotSupported", plan.Name, $"The size {size.Name} cannot have Ultra disks {(plan.Zone is null ? "without a zone" : $"in zone {plan.Zone}")}.", "Choose another size, or one without Ultra disks.");
        if (!size.AcceleratedNetworking && plan.Interface.Flag("properties", "enableAcceleratedNetworking"))
            yield return Finding.Refuse("AcceleratedNetworkingNotSupported", plan.Name, $"The network interface is to be accelerated, as blue's is, and the size {size.Name} has none of that.", "Choose another size, or say enableAcceleratedNetworking: false in a template (azure.green.template).");
        if (!size.PremiumStorage && plan.Machine.Text("properties", "storageProfile", "osDisk", "managedDisk", "storageAccountType")?.StartsWith("Premium", StringComparison.Ordinal) == true)
            yield return Finding.Refuse("PremiumNotSupported", plan.Name, $"The system disk is to be premium storage, which the size {size.Name} cannot have.", "Choose a size with premium storage, or another kind of disk in a template (azure.green.template).");
    }

    private IEnumerable<Finding> Disks(MachinePlan plan, MachineSize size)
    {
        if (size.MaxDataDisks is { } most && plan.Volumes.Count > most)
            yield return Finding.Refuse("NoLunLeft", plan.Name, $"{plan.Volumes.Count} volumes come to the machine '{plan.Name}', and its size {size.Name} can have {most} data disks.", "Choose a larger size under azure.green.size.");

        var machine = plan.Sight();
        foreach (var finding in plan.Volumes.SelectMany(pair => AttachRules.Inspect(pair.Volume, pair.Disk, machine, size, azure.Machines)))
            yield return finding;
    }

    private static IEnumerable<Finding> Quota(string region, IReadOnlyCollection<MachineSize> sizes, IReadOnlyDictionary<string, AzureQuota> usages)
    {
        var wanted = sizes.GroupBy(size => size.Family, StringComparer.OrdinalIgnoreCase).Select(group => (Name: group.Key, Count: (long)group.Sum(size => size.Processors)))
            .Append((QuotaReadings.AllProcessors, sizes.Sum(size => size.Processors))).Append((QuotaReadings.AllMachines, sizes.Count));
        foreach (var (name, count) in wanted)
        {
            if (usages.TryGetValue(name, out var quota) && count > quota.Left)
                yield return Finding.Refuse("QuotaExceeded", region, string.Create(CultureInfo.InvariantCulture, $"Green needs {count} of the quota '{name}' in {region}; {quota.Left} of {quota.Limit} are left."), "Ask for a higher quota, choose a smaller size under azure.green.size, or remove what nobody needs.");
        }
    }
}
