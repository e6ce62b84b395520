using System.Text.Json.Nodes;
using Azure.Core;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Machines;

/// <summary>
/// Makes the machines of green, and removes them. What is there already is used if it carries the tags of this upgrade, and refused
/// otherwise; nothing without those tags is ever removed, and no data disk with a machine.
/// </summary>
internal sealed class GreenMachines(AzureService azure)
{
    private const int AtOnce = 8;

    private readonly AzureGreenDescription _green = azure.Azure.Green ?? new AzureGreenDescription();

    /// <summary>What stands against making them: names, sizes, zones, quotas, what has the names already. Nothing is touched.</summary>
    public async Task<IReadOnlyList<Finding>> InspectAsync(string upgrade, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        var missing = new Dictionary<string, JsonObject>(StringComparer.OrdinalIgnoreCase);
        foreach (var order in MachineOrder.Of(azure))
        {
            if (await azure.Client.FindAsync(order.Machine, cancellationToken) is { } there)
                findings.Add(IsOurs(there, upgrade) ? Finding.Inform("MachineThere", order.Machine.Name, "The machine was made by an earlier attempt.") : Finding.Refuse("NameTaken", order.Machine.Name, Taken(order.Machine), TakenRemedy));
            else
                missing[order.Machine.Name] = MachineModel.Machine(order, await BlueAsync(order, cancellationToken), _green, []);
        }

        return missing.Count == 0 ? findings : [.. findings, .. await new CapacityRules(azure).InspectAsync(missing, cancellationToken)];
    }

    /// <summary>Makes those that are not there.</summary>
    /// <exception cref="UpgradeException">One cannot be made; what was made carries the tags, and is found again or removed by them.</exception>
    public async Task MakeAsync(string upgrade, CancellationToken cancellationToken)
    {
        var orders = MachineOrder.Of(azure);
        await Parallel.ForEachAsync(orders, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (order, token) => await MakeAsync(order, upgrade, token));
        azure.TellBudget();
    }

    /// <summary>Removes the machines and network interfaces that carry the tags of an upgrade.</summary>
    /// <returns>The names of what was removed.</returns>
    /// <exception cref="UpgradeException">A data disk is still attached to one, or Azure fails.</exception>
    public async Task<IReadOnlyList<string>> RemoveAsync(string upgrade, CancellationToken cancellationToken)
    {
        var machines = await OursAsync(ResourceTypes.Machine, upgrade, cancellationToken);
        foreach (var machine in machines)
            RequireNoData(new MachineSight(machine));

        foreach (var machine in machines)
            await DeleteAsync(machine.Id, cancellationToken);

        // An interface goes with its machine; one is left where its machine was never made.
        var interfaces = await OursAsync(ResourceTypes.Interface, upgrade, cancellationToken);
        foreach (var one in interfaces)
            await DeleteAsync(one.Id, cancellationToken);
        azure.TellBudget();
        return [.. machines.Concat(interfaces).Select(one => one.Id.Name)];
    }

    private async Task MakeAsync(MachineOrder order, string upgrade, CancellationToken cancellationToken)
    {
        if (azure.Notes.OperationAt(order.Machine) is { } earlier)
        {
            await azure.Operations.WaitAsync(earlier, azure.Pace.OperationPatience, cancellationToken);
            azure.Notes.End(order.Machine);
        }

        if (await azure.Client.FindAsync(order.Machine, cancellationToken) is { } there)
        {
            RequireUsable(there, upgrade);
            return;
        }

        var blue = await BlueAsync(order, cancellationToken);
        await MakeInterfaceAsync(order, blue, upgrade, cancellationToken);
        var body = MachineModel.Machine(order, blue, _green, ResourceTags.OfGreen(azure.Service.Name, upgrade));

        // If-None-Match: what somebody makes under that name meanwhile is not changed into ours.
        var answer = await azure.Client.SendAsync(azure.Client.Request(RequestMethod.Put, order.Machine) with { Body = body, IfNew = true }, cancellationToken);
        answer.Require();
        if (ArmOperation.Of(answer, $"making the machine {order.Machine.Name}", azure.Clock.GetUtcNow()) is { } operation)
        {
            azure.Notes.Begin(order.Machine, operation);
            var error = await azure.Operations.WaitAsync(operation, azure.Pace.OperationPatience, cancellationToken);
            azure.Notes.End(order.Machine);
            if (error is not null)
                throw ArmFailures.Explain(error, 409, order.Machine.ToString());
        }

        RequireUsable(await azure.Client.GetAsync(order.Machine, cancellationToken), upgrade);
        azure.Tell($"Machine '{order.Machine.Name}' of the host '{order.Host}' is made.", ReportLevel.Information);
    }

    private async Task MakeInterfaceAsync(MachineOrder order, MachineSight blue, string upgrade, CancellationToken cancellationToken)
    {
        if (await azure.Client.FindAsync(order.Interface, cancellationToken) is { } there)
        {
            if (!IsOurs(there, upgrade))
                throw new UpgradeException("NameTaken", Taken(order.Interface), TakenRemedy, FailureCategory.Refused) { Target = order.Interface.ToString() };
            return;
        }

        var model = await azure.Client.GetAsync(blue.Interfaces[0], cancellationToken);
        var body = MachineModel.Interface(order, model, _green, ResourceTags.OfGreen(azure.Service.Name, upgrade));
        await azure.Operations.RunAsync(azure.Client.Request(RequestMethod.Put, order.Interface) with { Body = body, IfNew = true }, $"making the network interface {order.Interface.Name}", azure.Pace.OperationPatience, cancellationToken);
    }

    private async Task DeleteAsync(ResourceId id, CancellationToken cancellationToken)
    {
        if (await azure.Client.FindAsync(id, cancellationToken) is null)
            return;

        await azure.Operations.RunAsync(azure.Client.Request(RequestMethod.Delete, id), $"removing {id.Name}", azure.Pace.OperationPatience, cancellationToken);
        if (await azure.Client.FindAsync(id, cancellationToken) is not null)
            throw new UpgradeException("AzureNotRemoved", $"Azure says that '{id.Name}' is removed, and it is still there.", "See its activity log, then do it again.") { Target = id.ToString() };
        azure.Tell($"'{id.Name}' is removed.", ReportLevel.Information);
    }

    private async Task<IReadOnlyList<ArmResource>> OursAsync(string type, string upgrade, CancellationToken cancellationToken)
    {
        var path = $"/subscriptions/{azure.Azure.Subscription}/resourceGroups/{azure.Azure.ResourceGroup}/providers/{type}";
        return [.. (await azure.Client.ListAsync(path, type, cancellationToken)).Select(body => new ArmResource(body, null)).Where(one => IsOurs(one, upgrade))];
    }

    private async Task<MachineSight> BlueAsync(MachineOrder order, CancellationToken cancellationToken) => new(await azure.Client.GetAsync(order.Model, cancellationToken));

    private bool IsOurs(ArmResource resource, string upgrade) => ResourceTags.AreOf(azure.Service.Name, upgrade, resource.Tags);

    private void RequireUsable(ArmResource machine, string upgrade)
    {
        if (!IsOurs(machine, upgrade))
            throw new UpgradeException("NameTaken", Taken(machine.Id), TakenRemedy, FailureCategory.Refused) { Target = machine.Id.ToString() };
        if (machine.ProvisioningState != "Succeeded")
            throw new UpgradeException("MachineFailed", $"The machine '{machine.Id.Name}', which was made for this upgrade, is in the state {machine.ProvisioningState}.", "See its activity log, remove it, and do it again.", FailureCategory.WrongState) { Target = machine.Id.ToString() };
    }

    private static void RequireNoData(MachineSight machine)
    {
        if (machine.Disks is [var disk, ..])
            throw new UpgradeException("DataOnMachine", $"The machine '{machine.Id.Name}' still has the data disk '{disk.Name}'.", "Move its volume away (Move-ClusterVolume) first; no machine is removed with data on it.", FailureCategory.Refused) { Target = machine.Id.ToString() };
    }

    private const string TakenRemedy = "Name another machine under azure.machines, or remove that one if nobody needs it.";

    private static string Taken(ResourceId id) => $"There is {id.Type} '{id.Name}' already, without the tags of this upgrade: it is somebody else's.";
}
