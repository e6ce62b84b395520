using System.Text.Json.Nodes;
using Azure.Core;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Azure.Machines;

/// <summary>
/// Makes the machines of green. What is there already is used if it carries the tags of this upgrade, and refused otherwise: it is
/// neither changed nor, later, removed.
/// </summary>
internal sealed class GreenMachines(AzureService azure, string upgrade)
{
    private const int AtOnce = 8;

    /// <summary>Makes those that are not there, and waits for those that an earlier process began.</summary>
    /// <exception cref="UpgradeException">One cannot be made; what was made carries the tags, and is found again or removed by them.</exception>
    public async Task MakeAsync(CancellationToken cancellationToken) =>
        await Parallel.ForEachAsync(MachineOrder.Of(azure), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (order, token) => await MakeAsync(order, token));

    private async Task MakeAsync(MachineOrder order, CancellationToken cancellationToken)
    {
        if (azure.Notes.OperationAt(order.Machine) is { } earlier)
            await WaitAsync(order, earlier, cancellationToken);

        if (await azure.Client.FindAsync(order.Machine, cancellationToken) is { } there)
        {
            RequireOurs(there);
            await WaitUntilSettledAsync(there, cancellationToken);
        }
        else
        {
            var blue = new MachineSight(await azure.Client.GetAsync(order.Model, cancellationToken));
            await MakeInterfaceAsync(order, blue, cancellationToken);
            await MakeMachineAsync(order, blue, cancellationToken);
        }

        var made = await azure.Client.GetAsync(order.Machine, cancellationToken);
        RequireUsable(made);
        await TagSystemDiskAsync(made, cancellationToken);
        azure.Tell($"Machine '{order.Machine.Name}' of the host '{order.Host}' is made.", ReportLevel.Information);
    }

    private async Task MakeMachineAsync(MachineOrder order, MachineSight blue, CancellationToken cancellationToken)
    {
        // If-None-Match: what somebody makes under that name meanwhile is not changed into ours.
        var body = MachineModel.Machine(order, blue, azure.Green, ResourceTags.OfGreen(azure.Service.Name, upgrade));
        var answer = await azure.Client.SendAsync(azure.Client.Request(RequestMethod.Put, order.Machine) with { Body = body, IfNew = true }, cancellationToken);
        answer.Require();
        if (ArmOperation.Of(answer, $"making the machine {order.Machine.Name}", azure.Clock.GetUtcNow()) is not { } operation)
            return;

        azure.Notes.Begin(order.Machine, operation);
        if (await WaitAsync(order, operation, cancellationToken) is { } error)
            throw ArmFailures.Explain(error, 409, order.Machine.ToString());
    }

    private async Task<ArmError?> WaitAsync(MachineOrder order, ArmOperation operation, CancellationToken cancellationToken)
    {
        var error = await azure.Operations.WaitAsync(operation, azure.Pace.OperationPatience, cancellationToken);
        azure.Notes.End(order.Machine);
        return error;
    }

    // One that was begun where its note is not to be read, as by another machine that shares the journal.
    private async Task WaitUntilSettledAsync(ArmResource machine, CancellationToken cancellationToken)
    {
        if (ArmOperations.IsFinal(machine.ProvisioningState))
            return;

        var address = azure.Client.Request(RequestMethod.Get, machine.Id).Address;
        var operation = new ArmOperation(address, ArmOperationKind.Resource, machine.Id.ToString(), $"making the machine {machine.Id.Name}", azure.Clock.GetUtcNow());
        await azure.Operations.WaitAsync(operation, azure.Pace.OperationPatience, cancellationToken);
    }

    private async Task MakeInterfaceAsync(MachineOrder order, MachineSight blue, CancellationToken cancellationToken)
    {
        if (await azure.Client.FindAsync(order.Interface, cancellationToken) is { } there)
        {
            RequireOurs(there);
            return;
        }

        var model = await azure.Client.GetAsync(blue.Interfaces[0], cancellationToken);
        var body = MachineModel.Interface(order, model, azure.Green, ResourceTags.OfGreen(azure.Service.Name, upgrade));
        await azure.Operations.RunAsync(azure.Client.Request(RequestMethod.Put, order.Interface) with { Body = body, IfNew = true }, $"making the network interface {order.Interface.Name}", azure.Pace.OperationPatience, cancellationToken);
    }

    // Azure makes that disk by itself, and gives it none of the machine's tags.
    private async Task TagSystemDiskAsync(ArmResource machine, CancellationToken cancellationToken)
    {
        if (ResourceId.TryParse(machine.Properties.Text("storageProfile", "osDisk", "managedDisk", "id")) is not { } id
            || await azure.Client.FindAsync(id, cancellationToken) is not { } disk || ResourceTags.AreOf(azure.Service.Name, upgrade, disk.Tags))
            return;

        var tags = ResourceTags.OfGreen(azure.Service.Name, upgrade);
        foreach (var (name, value) in disk.Tags)
            tags.TryAdd(name, value);
        await azure.Operations.RunAsync(azure.Client.Request(RequestMethod.Patch, id) with { Body = new JsonObject { ["tags"] = tags } }, $"tagging the disk {id.Name}", azure.Pace.OperationPatience, cancellationToken);
    }

    private void RequireOurs(ArmResource resource)
    {
        if (!ResourceTags.AreOf(azure.Service.Name, upgrade, resource.Tags))
            throw new UpgradeException("NameTaken", GreenInspection.Taken(azure.Service.Name, resource), GreenInspection.TakenRemedy, FailureCategory.Refused) { Target = resource.Id.ToString() };
    }

    private void RequireUsable(ArmResource machine)
    {
        RequireOurs(machine);
        if (machine.ProvisioningState != "Succeeded")
            throw new UpgradeException("MachineFailed", $"The machine '{machine.Id.Name}', which was made for this upgrade, is in the state {machine.ProvisioningState}.", "See its activity log, then do it again: it is removed and made anew.", FailureCategory.WrongState) { Target = machine.Id.ToString() };
    }
}
