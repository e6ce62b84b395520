using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;
using StatefulDeploy.Harness.Azure.Faults;

namespace StatefulDeploy.Harness.Azure.Network;

/// <summary>Load balancers.</summary>
/// <param name="cloud">Where.</param>
internal sealed class Balancers(AzureCloud cloud)
{
    internal const string Type = "Microsoft.Network/loadBalancers";

    private static readonly string[] PartLists = ["frontendIPConfigurations", "backendAddressPools", "loadBalancingRules", "probes", "inboundNatRules", "outboundRules", "inboundNatPools"];

    public void Add(ArmRoutes routes)
    {
        NetworkRoutes.Add(routes, cloud, Type, Show);
        routes.On("PUT", $"{Type}/*", Put);
    }

    private JsonObject Show(NetworkResource balancer)
    {
        var shown = balancer.Model.Copy();
        foreach (var pool in shown.Objects("properties", "backendAddressPools"))
        {
            Pools.TellMembers(cloud, pool);
        }

        return shown;
    }

    private ArmAnswer Put(ArmCall call)
    {
        var existing = cloud.Store.Find<NetworkResource>(call.Request.Target.Id);
        Conditions.Check(call.Request, existing?.Etag, wanted => NetworkResource.Mismatch(wanted, existing));
        var model = NetworkModel.Of(call.Request, Type, existing, "Succeeded");
        model.Child("sku").Default("name", "Standard").Default("tier", "Regional");
        foreach (var part in PartLists.SelectMany(list => NetworkModel.Parts(model, list, "Succeeded")))
        {
            var properties = part.Child("properties");
            properties.Remove("backendIPConfigurations");
            foreach (var reference in new[] { "publicIPAddress", "subnet" })
            {
                NetworkModel.Reference(properties, reference);
            }
        }

        foreach (var frontend in model.Objects("properties", "frontendIPConfigurations"))
        {
            frontend.Child("properties").Default("privateIPAllocationMethod", "Dynamic");
        }

        existing?.Current?.Preempt(cloud.Now, Superseded(existing));
        var balancer = existing ?? new NetworkResource(call.Request.Target.Id, Type, model);
        balancer.Model = model;
        var answer = NetworkRoutes.Put(cloud, call, balancer, existing is null, _ => { });
        return answer with { Body = Show(balancer) };
    }

    /// <summary>The end of a change that another one overtook.</summary>
    internal static ArmException Superseded(ArmResource balancer) => new(409, "CanceledAndSupersededDueToAnotherOperation", $"Operation was superseded by another operation on {balancer.Id}.");

    /// <summary>The fault of the same name, when it is a change's turn to have it.</summary>
    internal static void MayBeSuperseded(AzureCloud cloud, NetworkResource balancer)
    {
        if (cloud.Faults.Take(FaultName.Superseded, balancer.Name) is not null)
        {
            throw Superseded(balancer);
        }
    }
}
