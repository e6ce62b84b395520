using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Network;

/// <summary>Virtual networks, as far as interfaces need them.</summary>
/// <param name="cloud">Where.</param>
internal sealed class VirtualNetworks(AzureCloud cloud)
{
    private const string Type = "Microsoft.Network/virtualNetworks";

    public void Add(ArmRoutes routes)
    {
        NetworkRoutes.Add(routes, cloud, Type, network => network.Model.Copy());
        routes.On("PUT", $"{Type}/*", Put);
    }

    private ArmAnswer Put(ArmCall call)
    {
        var existing = cloud.Store.Find<NetworkResource>(call.Request.Target.Id);
        var model = NetworkModel.Of(call.Request, Type, existing, "Updating");
        foreach (var subnet in NetworkModel.Parts(model, "subnets", "Updating"))
        {
            subnet.Child("properties").Default("delegations", new JsonArray()).Default("privateEndpointNetworkPolicies", "Disabled").Default("privateLinkServiceNetworkPolicies", "Enabled");
        }

        model.Child("properties").Default("privateEndpointVNetPolicies", "Disabled").Default("virtualNetworkPeerings", new JsonArray()).Default("enableDdosProtection", false);
        return NetworkRoutes.Put(cloud, call, new NetworkResource(call.Request.Target.Id, Type, model), existing is null, Done);
    }

    private static void Done(NetworkResource network)
    {
        network.ProvisioningState = "Succeeded";
        NetworkModel.Parts(network.Model, "subnets", "Succeeded");
        network.Changed();
    }

    /// <summary>The first three numbers of a subnet's addresses; null when there is no such subnet.</summary>
    internal static string? Prefix(AzureCloud cloud, string subnet)
    {
        var network = cloud.Store.Of<NetworkResource>().FirstOrDefault(network => network.Type == Type && subnet.StartsWith(network.Id + "/subnets/", StringComparison.OrdinalIgnoreCase));
        var found = network?.Properties.Objects("subnets").FirstOrDefault(one => string.Equals(one.Text("id"), subnet, StringComparison.OrdinalIgnoreCase));
        return found.Text("properties", "addressPrefix") is { } prefix ? prefix[..prefix.LastIndexOf('.')] : null;
    }
}
