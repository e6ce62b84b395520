using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Network;

/// <summary>Public addresses.</summary>
/// <param name="cloud">Where.</param>
internal sealed class PublicAddresses(AzureCloud cloud)
{
    private const string Type = "Microsoft.Network/publicIPAddresses";
    private int _given;

    public void Add(ArmRoutes routes)
    {
        NetworkRoutes.Add(routes, cloud, Type, address => address.Model.Copy());
        routes.On("PUT", $"{Type}/*", Put);
    }

    private ArmAnswer Put(ArmCall call)
    {
        var existing = cloud.Store.Find<NetworkResource>(call.Request.Target.Id);
        var model = NetworkModel.Of(call.Request, Type, existing, "Updating");
        model.Child("sku").Default("name", "Basic").Default("tier", "Regional");
        model.Child("properties").Default("publicIPAddressVersion", "IPv4").Default("publicIPAllocationMethod", "Dynamic").Default("idleTimeoutInMinutes", 4)
            .Default("ipTags", new JsonArray()).Default("ddosSettings", new JsonObject { ["protectionMode"] = "VirtualNetworkInherited" }).Default("ipAddress", existing?.Properties.Text("ipAddress"));
        return NetworkRoutes.Put(cloud, call, new NetworkResource(call.Request.Target.Id, Type, model), existing is null, Done);
    }

    // RFC 5737: addresses for examples.
    private void Done(NetworkResource address)
    {
        address.Properties.Default("ipAddress", FormattableString.Invariant($"203.0.113.{++_given}"));
        address.ProvisioningState = "Succeeded";
        address.Changed();
    }
}
