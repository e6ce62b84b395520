using StatefulDeploy.Azure.Disks;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Machines;

/// <summary>What the machines of a service have left, those that are to be made with them.</summary>
internal sealed class CapacityReadings(AzureService azure)
{
    private readonly Dictionary<string, IReadOnlyDictionary<string, AzureQuota>> _quotas = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>One for each host that is a machine, blue's first.</summary>
    public async Task<IReadOnlyList<AzureClusterCapacity>> ReadAsync(CancellationToken cancellationToken)
    {
        var found = new List<AzureClusterCapacity>();
        foreach (var (host, colour) in Hosts())
        {
            if (await azure.Client.FindAsync(azure.MachineOf(host), cancellationToken) is { } machine)
                found.Add(await DescribeAsync(host, colour, new MachineSight(machine), exists: true, new MachineSight(machine).Disks.Count(disk => !disk.IsLeaving), cancellationToken));
            else if (azure.Azure.Green is not null && MachineOrder.Of(azure).FirstOrDefault(order => order.Host == host) is { } order)
                found.Add(await DescribeAsync(host, colour, await SightAsync(order, cancellationToken), exists: false, Coming(host), cancellationToken));
            else
                throw Missing(host);
        }

        return found;
    }

    private async Task<AzureClusterCapacity> DescribeAsync(string host, ClusterColour? colour, MachineSight machine, bool exists, int luns, CancellationToken cancellationToken)
    {
        var region = machine.Resource.Location;
        var size = await azure.Sizes.FindAsync(region, machine.Size, cancellationToken);
        var quotas = size is null ? [] : await QuotasAsync(region, size, cancellationToken);
        return new AzureClusterCapacity
        {
            Service = azure.Service.Name,
            Path = azure.Service.Path,
            Host = host,
            Colour = colour,
            Machine = machine.Id.Name,
            Exists = exists,
            Region = region,
            Zone = machine.Zone,
            Size = machine.Size,
            Processors = size?.Processors,
            MaxDataDisks = size?.MaxDataDisks,
            LunsUsed = luns,
            SizeZones = size is null ? [] : [.. size.Zones.Order(StringComparer.Ordinal)],
            PremiumStorage = size?.PremiumStorage ?? false,
            UltraDisks = size is not null && (machine.Zone is { } zone ? size.UltraZones.Contains(zone) : size.UltraWithoutZone),
            AcceleratedNetworking = size?.AcceleratedNetworking ?? false,
            Restriction = size is null ? "NotInRegion" : size.RestrictionIn(machine.Zone),
            ProcessorsLeft = quotas.Where(quota => quota.Name != QuotaReadings.AllMachines).Select(quota => (long?)quota.Left).Min(),
            Quotas = quotas,
        };
    }

    private async Task<IReadOnlyList<AzureQuota>> QuotasAsync(string region, MachineSize size, CancellationToken cancellationToken)
    {
        if (!_quotas.TryGetValue(region, out var all))
            _quotas[region] = all = await new QuotaReadings(azure).ReadAsync(region, cancellationToken);
        return [.. new[] { size.Family, QuotaReadings.AllProcessors, QuotaReadings.AllMachines }.Select(name => all.GetValueOrDefault(name)).OfType<AzureQuota>()];
    }

    private async Task<MachineSight> SightAsync(MachineOrder order, CancellationToken cancellationToken)
    {
        var blue = new MachineSight(await azure.Client.GetAsync(order.Model, cancellationToken));
        return new MachinePlan(order, MachineModel.Machine(order, blue, azure.Green, []), [], []).Sight();
    }

    private IEnumerable<(string Host, ClusterColour? Colour)> Hosts()
    {
        var blue = azure.Service.Blue.Nodes.Select(node => (node.Host, (ClusterColour?)ClusterColour.Blue));
        var green = azure.Service.Green.Shards.SelectMany(shard => shard.Nodes).Select(node => (node.Host, (ClusterColour?)ClusterColour.Green));
        var others = azure.Azure.Machines.Keys.Select(host => (host, (ClusterColour?)null));
        return blue.Concat(green).Concat(others).DistinctBy(one => one.Item1, StringComparer.Ordinal)
            .Where(one => one.Item1 != "local" || azure.Azure.Machines.ContainsKey("local"));
    }

    private int Coming(string host)
    {
        var names = azure.Service.Green.Shards.SelectMany(shard => shard.Nodes).Where(node => node.Host == host).Select(node => node.Volume).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return azure.Service.Volumes.Count(volume => names.Contains(volume.Name) && volume.Provider == AzureVolumeProvider.KindName);
    }

    private UpgradeException Missing(string host) => new(
        "MachineNotFound",
        $"There is no virtual machine {azure.MachineOf(host)}, which is to be the host '{host}'.",
        "Correct azure.machines, azure.subscription or azure.resourceGroup; or describe 'green' under 'azure', with which green's machines are made.",
        FailureCategory.NotFound)
    { Target = host };
}
