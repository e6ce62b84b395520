using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;
using StatefulDeploy.Harness.Azure.Faults;

namespace StatefulDeploy.Harness.Azure.Compute;

/// <summary>What is done to machines by POST.</summary>
/// <param name="cloud">Where.</param>
/// <param name="machines">The machines.</param>
internal sealed class MachineActions(AzureCloud cloud, Machines machines)
{
    private const string Type = "Microsoft.Compute/virtualMachines";

    public void Add(ArmRoutes routes)
    {
        routes.On("POST", $"{Type}/*/start", call => Switch(call, "start", "running"));
        routes.On("POST", $"{Type}/*/powerOff", call => Switch(call, "powerOff", "stopped"));
        routes.On("POST", $"{Type}/*/deallocate", call => Switch(call, "deallocate", "deallocated"));
        routes.On("POST", $"{Type}/*/attachDetachDataDisks", Move);
    }

    // What takes a machine's power preempts what else is done to it.
    private ArmAnswer Switch(ArmCall call, string action, string power)
    {
        var machine = cloud.Store.Get<MachineResource>(call.Request);
        if (machine.Current is { } current)
        {
            if (action == "start" || current.Action is "create" or "delete")
            {
                MachineTurn.Take(cloud, machine, forced: false);
            }

            current.Preempt(cloud.Now, FaultSet.Preempted());
        }

        machine.ProvisioningState = "Updating";
        var operation = cloud.Operations.Start(OperationProtocol.Compute, machine, action, Run, _ => machine.ProvisioningState = "Failed");
        return Machines.Tell(OperationProtocol.Compute.Announce(new ArmAnswer(202), operation, call, location: true));

        async Task<JsonNode?> Run(ArmOperation running)
        {
            await cloud.DelayAsync(cloud.Options.Delays.Power, running);
            await cloud.Options.Hardware.PowerAsync(machine.Name, on: power == "running");
            cloud.Under(() =>
            {
                machine.Power = power;
                machine.ProvisioningState = "Succeeded";
                machine.Revision++;
                foreach (var disk in cloud.Store.Of<DiskResource>().Where(disk => disk.Owners.Contains(machine.Id, StringComparer.OrdinalIgnoreCase)))
                {
                    disk.TellOwners(machine.Power != "deallocated");
                }
            });
            return null;
        }
    }

    private ArmAnswer Move(ArmCall call)
    {
        var machine = cloud.Store.Get<MachineResource>(call.Request);
        var moves = new DiskMoves(cloud, machine);
        moves.Plan(machine.Model, Wanted(call.Request, machine));
        MachineTurn.Take(cloud, machine, moves.OnlyForcedDetaches);
        machine.ProvisioningState = "Updating";
        machine.Revision++;
        var operation = machines.StartMoves(machine, moves, moves.Any ? moves.Action : "update", () => machine.Properties["storageProfile"]!.DeepClone());
        return Machines.Tell(OperationProtocol.Compute.Announce(new ArmAnswer(202), operation, call, location: true));
    }

    // The list as it will be: without what leaves, with what comes, at the first free LUN where none is named.
    private static List<JsonObject> Wanted(ArmRequest request, MachineResource machine)
    {
        var wanted = machine.DataDisks.OfType<JsonObject>().Select(entry => entry.Copy()).ToList();
        foreach (var leaves in request.Body.Objects("dataDisksToDetach"))
        {
            var entry = wanted.FirstOrDefault(entry => Same(entry, leaves)) ?? throw ArmException.InvalidParameter("dataDisksToDetach.diskId", $"The disk {leaves.Text("diskId")} is not attached to the VM {machine.Name}.");
            entry["toBeDetached"] = true;
            if (leaves.Text("detachOption") is { } option)
            {
                entry["detachOption"] = option;
            }
        }

        foreach (var comes in request.Body.Objects("dataDisksToAttach"))
        {
            if (wanted.FirstOrDefault(entry => Same(entry, comes)) is { } there)
            {
                throw ArmException.InvalidParameter("dataDisksToAttach.diskId", $"The disk {there.Text("name")} is already attached to the VM {machine.Name}.");
            }

            wanted.Add(Entry(comes, comes.Whole("lun") ?? Enumerable.Range(0, 64).First(lun => !wanted.Exists(entry => entry.Whole("lun") == lun))));
        }

        return wanted;
    }

    private static JsonObject Entry(JsonObject comes, int lun)
    {
        var entry = new JsonObject { ["lun"] = lun, ["createOption"] = "Attach", ["managedDisk"] = new JsonObject { ["id"] = comes.Text("diskId") } };
        foreach (var name in new[] { "caching", "deleteOption", "writeAcceleratorEnabled" })
        {
            entry.Default(name, comes[name]?.DeepClone());
        }

        return entry;
    }

    private static bool Same(JsonObject entry, JsonObject named) => string.Equals(entry.Text("managedDisk", "id"), named.Text("diskId"), StringComparison.OrdinalIgnoreCase);
}
