using Azure.Core;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Azure.Machines;

/// <summary>Removes machines that were made, with their network interfaces and system disks. Only what carries the tags is touched, and no machine with a data disk.</summary>
internal sealed class MachineRemoval(AzureService azure)
{
    /// <summary>The error for a machine that still has a data disk.</summary>
    public const string DataOnMachine = "DataOnMachine";

    private const int AtOnce = 8;

    /// <summary>Removes all that carries the tags of an upgrade.</summary>
    /// <returns>The names of what was removed.</returns>
    /// <exception cref="UpgradeException">A data disk is still attached to a machine, or Azure fails.</exception>
    public async Task<IReadOnlyList<string>> RemoveAsync(string upgrade, CancellationToken cancellationToken)
    {
        var machines = await TaggedAsync(ResourceTypes.Machine, upgrade, cancellationToken);
        foreach (var machine in machines)
            RequireNoData(new MachineSight(machine));

        await DeleteAsync(machines, cancellationToken);

        // They go with their machine; some are left where the machine was never made, or a template says so.
        var interfaces = await TaggedAsync(ResourceTypes.Interface, upgrade, cancellationToken);
        await DeleteAsync(interfaces, cancellationToken);
        var disks = (await TaggedAsync(ResourceTypes.Disk, upgrade, cancellationToken)).Where(IsSystemDisk).ToList();
        await DeleteAsync(disks, cancellationToken);
        return [.. machines.Concat(interfaces).Concat(disks).Select(one => one.Id.Name)];
    }

    /// <summary>Removes one machine that was made, with its network interfaces.</summary>
    /// <exception cref="UpgradeException">A data disk is still attached to it, or Azure fails.</exception>
    public async Task RemoveOneAsync(ArmResource machine, CancellationToken cancellationToken)
    {
        var sight = new MachineSight(machine);
        RequireNoData(sight);
        await DeleteAsync(machine.Id, cancellationToken);
        foreach (var one in sight.Interfaces)
            await DeleteAsync(one, cancellationToken);
    }

    /// <summary>What carries the tags of the service, and of an upgrade where one is named, in the service's group and those of its machines.</summary>
    public async Task<IReadOnlyList<ArmResource>> TaggedAsync(string type, string? upgrade, CancellationToken cancellationToken)
    {
        var found = new List<ArmResource>();
        foreach (var (subscription, group) in azure.Machines.Select(machine => (machine.Subscription, machine.Group)).Append((azure.Azure.Subscription, azure.Azure.ResourceGroup)).Distinct(GroupNames.Comparer))
        {
            var rows = await azure.Client.ListAsync($"/subscriptions/{subscription}/resourceGroups/{group}/providers/{type}", type, cancellationToken);
            found.AddRange(rows.Select(body => new ArmResource(body, null)));
        }

        return [.. found.Where(one => ResourceTags.AreMade(azure.Service.Name, one.Tags) && (upgrade is null || ResourceTags.AreOf(azure.Service.Name, upgrade, one.Tags)))];
    }

    private async Task DeleteAsync(IEnumerable<ArmResource> resources, CancellationToken cancellationToken) =>
        await Parallel.ForEachAsync(resources, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (resource, token) => await DeleteAsync(resource.Id, token));

    private async Task DeleteAsync(ResourceId id, CancellationToken cancellationToken)
    {
        // The list is a moment old: somebody else's of that name may stand there by now.
        if (await azure.Client.FindAsync(id, cancellationToken) is not { } now || !ResourceTags.AreMade(azure.Service.Name, now.Tags))
            return;

        await azure.Operations.RunAsync(azure.Client.Request(RequestMethod.Delete, id), $"removing {id.Name}", azure.Pace.OperationPatience, cancellationToken);
        if (await azure.Client.FindAsync(id, cancellationToken) is not null)
            throw new UpgradeException("AzureNotRemoved", $"Azure says that '{id.Name}' is removed, and it is still there.", "See its activity log, then do it again.") { Target = id.ToString() };

        azure.Notes.End(id);
        azure.Tell($"'{id.Name}' is removed.", ReportLevel.Information);
    }

    private static bool IsSystemDisk(ArmResource disk) => disk.Properties.Text("osType") is not null && disk.Text("managedBy") is null;

    private static void RequireNoData(MachineSight machine)
    {
        if (machine.Disks is [var disk, ..])
            throw new UpgradeException(DataOnMachine, $"The machine '{machine.Id.Name}' still has the data disk '{disk.Name}'.", "Move its volume away (Move-ClusterVolume) first; no machine is removed with data on it.", FailureCategory.Refused) { Target = machine.Id.ToString() };
    }

    private sealed class GroupNames : IEqualityComparer<(string Subscription, string Group)>
    {
        public static GroupNames Comparer { get; } = new();

        public bool Equals((string Subscription, string Group) x, (string Subscription, string Group) y) =>
            StringComparer.OrdinalIgnoreCase.Equals(x.Subscription, y.Subscription) && StringComparer.OrdinalIgnoreCase.Equals(x.Group, y.Group);

        public int GetHashCode((string Subscription, string Group) obj) => StringComparer.OrdinalIgnoreCase.GetHashCode(obj.Group);
    }
}
