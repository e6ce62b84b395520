using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Disks;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Machines;

/// <summary>What stands against making the machines of green. Nothing is touched.</summary>
internal sealed class GreenInspection(AzureService azure, string upgrade)
{
    public const string TakenRemedy = "Name another machine under azure.machines, or remove that one if nobody needs it.";

    private static readonly string[] Needed =
    [
        "Microsoft.Compute/virtualMachines/write", "Microsoft.Compute/virtualMachines/delete", "Microsoft.Compute/disks/write", "Microsoft.Compute/disks/delete",
        "Microsoft.Network/networkInterfaces/write", "Microsoft.Network/networkInterfaces/delete", "Microsoft.Network/networkInterfaces/join/action",
    ];

    private readonly List<Finding> _findings = [];

    /// <summary>What has the name already, for people.</summary>
    public static string Taken(string service, ArmResource there) => ResourceTags.AreMade(service, there.Tags)
        ? $"There is {there.Id.Type} '{there.Id.Name}' already, which was made by the upgrade '{there.Tags[ResourceTags.Upgrade]}' of this service."
        : $"There is {there.Id.Type} '{there.Id.Name}' already, without the tags of this upgrade: it is somebody else's.";

    /// <summary>The findings.</summary>
    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        var plans = new List<MachinePlan>();
        foreach (var order in MachineOrder.Of(azure))
        {
            if (!await IsThereAsync(order, cancellationToken))
                plans.Add(await PlanAsync(order, cancellationToken));
        }

        foreach (var plan in plans)
            await InspectRightsAsync(plan, cancellationToken);

        if (plans.Count > 0)
            _findings.AddRange(await new CapacityRules(azure).InspectAsync(plans, cancellationToken));

        return [.. _findings.Distinct()];
    }

    private async Task<bool> IsThereAsync(MachineOrder order, CancellationToken cancellationToken)
    {
        var machine = await azure.Client.FindAsync(order.Machine, cancellationToken);
        if ((machine ?? await azure.Client.FindAsync(order.Interface, cancellationToken)) is not { } there)
            return false;

        _findings.Add(ResourceTags.AreOf(azure.Service.Name, upgrade, there.Tags)
            ? Finding.Inform("MachineThere", there.Id.Name, $"{there.Id.Type} '{there.Id.Name}' was made by an earlier attempt.")
            : Finding.Refuse("NameTaken", there.Id.Name, Taken(azure.Service.Name, there), TakenRemedy));
        return machine is not null;
    }

    private async Task<MachinePlan> PlanAsync(MachineOrder order, CancellationToken cancellationToken)
    {
        var blue = new MachineSight(await azure.Client.GetAsync(order.Model, cancellationToken));
        var network = await azure.Client.GetAsync(blue.Interfaces[0], cancellationToken);
        return new MachinePlan(order, MachineModel.Machine(order, blue, azure.Green, []), MachineModel.Interface(order, network, azure.Green, []), await VolumesAsync(order, cancellationToken));
    }

    // That a disk is not there is a finding of the volume's own.
    private async Task<IReadOnlyList<(VolumeDescription, DiskSight)>> VolumesAsync(MachineOrder order, CancellationToken cancellationToken)
    {
        var names = azure.Service.Green.Shards.SelectMany(shard => shard.Nodes).Where(node => node.Host == order.Host).Select(node => node.Volume).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var found = new List<(VolumeDescription, DiskSight)>();
        foreach (var volume in azure.Service.Volumes.Where(volume => names.Contains(volume.Name) && volume.Provider == AzureVolumeProvider.KindName))
        {
            if (await azure.Client.FindAsync(azure.DiskOf(volume), cancellationToken) is { } disk)
                found.Add((volume, new DiskSight(disk)));
        }

        return found;
    }

    private async Task InspectRightsAsync(MachinePlan plan, CancellationToken cancellationToken)
    {
        _findings.AddRange(await azure.Rights.InspectAsync(plan.Order.Machine, Needed, cancellationToken));
        var joined = plan.Interface.Objects("properties", "ipConfigurations").Select(one => (Id: one.Text("properties", "subnet", "id"), Action: "Microsoft.Network/virtualNetworks/subnets/join/action"))
            .Append((plan.Interface.Text("properties", "networkSecurityGroup", "id"), "Microsoft.Network/networkSecurityGroups/join/action"))
            .Concat((plan.Machine["identity"]?["userAssignedIdentities"] as System.Text.Json.Nodes.JsonObject ?? []).Select(one => ((string?)one.Key, "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action")));
        foreach (var (text, action) in joined)
        {
            if (ResourceId.TryParse(text) is { } id)
                _findings.AddRange(await azure.Rights.InspectAsync(id, [action], cancellationToken));
        }
    }
}
