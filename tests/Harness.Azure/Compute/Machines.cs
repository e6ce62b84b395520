using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;
using StatefulDeploy.Harness.Azure.Faults;
using StatefulDeploy.Harness.Azure.Network;

namespace StatefulDeploy.Harness.Azure.Compute;

/// <summary>Virtual machines: read, made, changed and deleted.</summary>
/// <param name="cloud">Where.</param>
internal sealed class Machines(AzureCloud cloud)
{
    private const string Type = "Microsoft.Compute/virtualMachines";

    public void Add(ArmRoutes routes)
    {
        routes.On("GET", $"{Type}/*", Get);
        routes.On("GET", $"{Type}/*/instanceView", call => Tell(new ArmAnswer(200, InstanceView.Of(cloud, cloud.Store.Get<MachineResource>(call.Request)))));
        routes.On("GET", Type, List);
        routes.On("PUT", $"{Type}/*", Put);
        routes.On("PATCH", $"{Type}/*", Patch);
        routes.On("DELETE", $"{Type}/*", Delete);
    }

    private ArmAnswer Get(ArmCall call)
    {
        var machine = cloud.Store.Get<MachineResource>(call.Request);
        return Tell(new ArmAnswer(200, Show(machine, call.Request.Query.GetValueOrDefault("$expand"))), machine);
    }

    private ArmAnswer List(ArmCall call)
    {
        var expand = call.Request.Query.GetValueOrDefault("$expand");
        var filtered = call.Request.Query.ContainsKey("$filter");
        var found = cloud.Store.Of<MachineResource>().Where(machine => !filtered && Pages.InScope(machine, call.Request)).Select(machine => Show(machine, expand)).ToList();
        var answer = Pages.Of(cloud, call, found);
        return found.Count == 0 ? answer : Tell(answer).With("x-ms-original-request-ids", Guid.NewGuid().ToString());
    }

    private ArmAnswer Put(ArmCall call)
    {
        var existing = cloud.Store.Find<MachineResource>(call.Request.Target.Id);
        Match(call.Request, existing);
        var model = MachineModel.Put(call.Request, existing, cloud.Now);
        return existing is null ? Create(call, model) : Update(call, existing, model, call.Request.Body.At("properties", "storageProfile", "dataDisks"));
    }

    private ArmAnswer Patch(ArmCall call)
    {
        var machine = cloud.Store.Get<MachineResource>(call.Request);
        Match(call.Request, machine);
        var wanted = call.Request.Body.At("properties", "storageProfile", "dataDisks");
        foreach (var left in machine.DataDisks.OfType<JsonObject>().Where(entry => wanted is JsonArray list && !list.OfType<JsonObject>().Any(other => DiskMoves.Same(entry, other))))
        {
            cloud.Monitor.LeftOut(machine, left.Text("name")!);
        }

        return Update(call, machine, MachineModel.Patch(call.Request, machine, cloud.Now), wanted);
    }

    private ArmAnswer Create(ArmCall call, JsonObject model)
    {
        CapacityRules.Check(cloud, model);
        var machine = new MachineResource(call.Request.Target.Id, model);
        var wanted = model.Objects("properties", "storageProfile", "dataDisks").Select(entry => entry.Copy()).ToList();
        machine.DataDisks.Clear();
        var moves = new DiskMoves(cloud, machine);
        moves.Plan(model, wanted);
        Interfaces.Bind(cloud, machine);
        machine.ProvisioningState = "Creating";
        cloud.Store.Add(machine);
        var operation = cloud.Operations.Start(OperationProtocol.Compute, machine, "create", Run, _ => machine.ProvisioningState = "Failed");
        moves.Accept(operation);
        return Tell(OperationProtocol.Compute.Announce(new ArmAnswer(201, Show(machine)), operation, call, location: false), machine);

        async Task<JsonNode?> Run(ArmOperation running)
        {
            if (cloud.Faults.Take(FaultName.NoCapacity, machine.Name) is not null)
            {
                throw new ArmException(409, "AllocationFailed", "Allocation failed. We do not have sufficient capacity for the requested VM size in this region.");
            }

            await cloud.DelayAsync(cloud.Options.Delays.CreateMachine, running);
            cloud.Under(() => ManagedDisks.MakeOs(cloud, machine));
            await cloud.Options.Hardware.PowerAsync(machine.Name, on: true);
            await moves.RunAsync(running);
            cloud.Under(() => Done(machine));
            return null;
        }
    }

    /// <summary>Changes a machine: its model at once, its disks by an operation.</summary>
    /// <param name="call">The request.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="model">Its model as it will be.</param>
    /// <param name="wanted">The list of data disks as it will be; null leaves it.</param>
    private ArmAnswer Update(ArmCall call, MachineResource machine, JsonObject model, JsonNode? wanted)
    {
        var listed = machine.DataDisks;
        var moves = new DiskMoves(cloud, machine);
        moves.Plan(model, [.. (wanted as JsonArray ?? listed).OfType<JsonObject>().Select(entry => entry.Copy())]);
        MachineTurn.Take(cloud, machine, moves.OnlyForcedDetaches);
        if (machine.Size != model.Text("properties", "hardwareProfile", "vmSize"))
        {
            CapacityRules.CheckSize(cloud, model);
        }

        var failed = machine.ProvisioningState == "Failed";
        model.Child("properties").Child("storageProfile")["dataDisks"] = listed.DeepClone();
        model["properties"]!["provisioningState"] = machine.ProvisioningState;
        var changed = failed || moves.Relists || !JsonNode.DeepEquals(model, machine.Model);
        machine.Model = model;
        machine.Revision++;
        machine.ProvisioningState = "Updating";
        if (!changed)
        {
            var unchanged = Show(machine);
            machine.ProvisioningState = "Succeeded";
            return Tell(new ArmAnswer(200, unchanged), machine).With("x-ms-operation-identifier", new ArmOperation(OperationProtocol.Compute, machine, "update", cloud.Now).Identifier);
        }

        var operation = StartMoves(machine, moves, moves.Any ? moves.Action : "update");
        return Tell(OperationProtocol.Compute.Announce(new ArmAnswer(200, Show(machine)), operation, call, location: false), machine);
    }

    /// <summary>Starts the operation that moves a machine's disks.</summary>
    internal ArmOperation StartMoves(MachineResource machine, DiskMoves moves, string action, Func<JsonNode?>? output = null)
    {
        var operation = cloud.Operations.Start(OperationProtocol.Compute, machine, action, Run, Failed);
        moves.Accept(operation);
        return operation;

        async Task<JsonNode?> Run(ArmOperation running)
        {
            await moves.RunAsync(running);
            return cloud.Under(() =>
            {
                Done(machine);
                return output?.Invoke();
            });
        }

        void Failed(ArmException error)
        {
            machine.ProvisioningState = error.Code == "OperationPreempted" ? "Succeeded" : "Failed";
            if (error.Code == "OperationPreempted")
            {
                moves.Forget();
            }
        }
    }

    private ArmAnswer Delete(ArmCall call)
    {
        if (cloud.Store.Find<MachineResource>(call.Request.Target.Id) is not { } machine)
        {
            return new ArmAnswer(204);
        }

        machine.Current?.Preempt(cloud.Now, FaultSet.Preempted());
        machine.ProvisioningState = "Deleting";
        var operation = cloud.Operations.Start(OperationProtocol.Compute, machine, "delete", Run, _ => machine.ProvisioningState = "Failed");
        return Tell(OperationProtocol.Compute.Announce(new ArmAnswer(202), operation, call, location: true));

        async Task<JsonNode?> Run(ArmOperation running)
        {
            await cloud.DelayAsync(cloud.Options.Delays.DeleteMachine, running);
            await cloud.Options.Hardware.PowerAsync(machine.Name, on: false);
            foreach (var (disk, lun) in cloud.Under(() => Owned(machine)))
            {
                await cloud.Options.Hardware.DetachAsync(machine.Name, disk.Name, lun);
            }

            foreach (var disk in cloud.Under(() => ManagedDisks.LeaveMachine(cloud, machine)))
            {
                await cloud.Options.Hardware.DeleteAsync(disk.Name);
            }

            cloud.Under(() =>
            {
                Interfaces.Release(cloud, machine);
                cloud.Store.Remove(machine);
            });
            return null;
        }
    }

    private List<(DiskResource Disk, int Lun)> Owned(MachineResource machine) =>
        [.. machine.DataDisks.OfType<JsonObject>().Select(entry => (Disk: cloud.Store.Find<DiskResource>(entry.Text("managedDisk", "id")), Lun: entry.Whole("lun")!.Value))
            .Where(pair => pair.Disk?.Owners.Contains(machine.Id, StringComparer.OrdinalIgnoreCase) == true).Select(pair => (pair.Disk!, pair.Lun))];

    /// <summary>A machine as a client sees it.</summary>
    internal JsonObject Show(MachineResource machine, string? expand = null)
    {
        var shown = machine.Model.Copy();
        shown["etag"] = machine.Etag;
        shown.Child("properties").Remove("userData");
        if (expand == "instanceView")
        {
            shown.Child("properties")["instanceView"] = InstanceView.Of(cloud, machine);
        }
        else if (expand == "userData" && machine.Properties["userData"] is { } data)
        {
            shown.Child("properties")["userData"] = data.DeepClone();
        }

        return shown;
    }

    /// <summary>Adds what every answer about machines has.</summary>
    internal static ArmAnswer Tell(ArmAnswer answer, MachineResource? machine = null) => answer.With("x-ms-need-to-refresh-epl-cache", "False").With("ETag", machine?.Etag);

    private static void Done(MachineResource machine)
    {
        machine.ProvisioningState = "Succeeded";
        machine.Revision++;
    }

    private static void Match(ArmRequest request, MachineResource? machine) => Conditions.Check(request, machine?.Etag, wanted =>
        new ArmException(412, "PreconditionFailed", $"Etag provided in if-match header \"{wanted.Trim('"')}\" does not match etag {machine?.Etag} of resource.")
        {
            Headers = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["x-ms-need-to-refresh-epl-cache"] = "False",
                ["x-ms-operation-identifier"] = FormattableString.Invariant($"tenantId={AzureSimulator.Tenant},objectId={AzureSimulator.Principal}/{machine?.Location}/{Guid.NewGuid()}"),
            },
        });
}
