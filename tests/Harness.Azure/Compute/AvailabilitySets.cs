using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Compute;

/// <summary>Availability sets.</summary>
/// <param name="cloud">Where.</param>
internal sealed class AvailabilitySets(AzureCloud cloud)
{
    private const string Type = "Microsoft.Compute/availabilitySets";

    public void Add(ArmRoutes routes)
    {
        routes.On("GET", $"{Type}/*", call => new ArmAnswer(200, Show(cloud.Store.Get<ArmResource>(call.Request))));
        routes.On("GET", Type, call => Pages.Of(cloud, call, cloud.Store.All.Where(one => one.Type == Type && Pages.InScope(one, call.Request)).Select(Show)));
        routes.On("PUT", $"{Type}/*", Put);
        routes.On("DELETE", $"{Type}/*", Delete);
    }

    private ArmAnswer Put(ArmCall call)
    {
        var id = call.Request.Target.Id;
        var model = new JsonObject { ["name"] = call.Request.Target.Name, ["id"] = id, ["type"] = Type };
        model.Merge(call.Request.Content);
        model.Child("sku").Default("name", "Classic");
        model.Child("properties").Default("platformFaultDomainCount", 2).Default("platformUpdateDomainCount", 5);
        var set = new ArmResource(id, Type, model);
        cloud.Store.Add(set);
        return new ArmAnswer(200, Show(set));
    }

    private ArmAnswer Delete(ArmCall call)
    {
        if (cloud.Store.Find<ArmResource>(call.Request.Target.Id) is not { } set)
        {
            return new ArmAnswer(204);
        }

        if (Members(set).Any())
        {
            throw ArmException.NotAllowed($"Availability Set '{set.Name}' cannot be deleted. Before deleting an Availability Set please ensure that it does not contain any VM.");
        }

        cloud.Store.Remove(set);
        return new ArmAnswer(200);
    }

    private JsonObject Show(ArmResource set)
    {
        var shown = set.Model.Copy();
        shown.Child("properties")["virtualMachines"] = new JsonArray([.. Members(set).Select(machine => new JsonObject { ["id"] = machine.Id })]);
        return shown;
    }

    private IEnumerable<MachineResource> Members(ArmResource set) => cloud.Store.Of<MachineResource>().Where(machine => set.Is(machine.Properties.Text("availabilitySet", "id")));
}
