using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Network;

/// <summary>What all resources of the network have alike: they are read, listed, and deleted by an operation.</summary>
internal static class NetworkRoutes
{
    public static void Add(ArmRoutes routes, AzureCloud cloud, string type, Func<NetworkResource, JsonObject> show, Action<NetworkResource>? free = null)
    {
        routes.On("GET", $"{type}/*", call =>
        {
            var resource = cloud.Store.Get<NetworkResource>(call.Request);
            return new ArmAnswer(200, show(resource)).With("ETag", resource.Etag);
        });
        routes.On("GET", type, call => Pages.Of(cloud, call, cloud.Store.Of<NetworkResource>().Where(one => one.Type == type && Pages.InScope(one, call.Request)).Select(show)));
        routes.On("DELETE", $"{type}/*", call => Delete(cloud, call, free));
    }

    /// <summary>Accepts a PUT: kept at once, done by an operation.</summary>
    public static ArmAnswer Put(AzureCloud cloud, ArmCall call, NetworkResource resource, bool isNew, Action<NetworkResource> done)
    {
        resource.Changed();
        cloud.Store.Add(resource);
        var answer = new ArmAnswer(isNew ? 201 : 200, resource.Model.Copy());
        var operation = cloud.Operations.Start(OperationProtocol.Network, resource, "put", Run, _ => resource.ProvisioningState = "Failed");
        return OperationProtocol.Network.Announce(answer, operation, call, location: false);

        async Task<JsonNode?> Run(ArmOperation running)
        {
            await cloud.DelayAsync(cloud.Options.Delays.Network, running);
            cloud.Under(() => done(resource));
            return null;
        }
    }

    private static ArmAnswer Delete(AzureCloud cloud, ArmCall call, Action<NetworkResource>? free)
    {
        if (cloud.Store.Find<NetworkResource>(call.Request.Target.Id) is not { } resource)
        {
            return new ArmAnswer(204);
        }

        free?.Invoke(resource);
        resource.ProvisioningState = "Deleting";
        var operation = cloud.Operations.Start(OperationProtocol.Network, resource, "delete", Run);
        return OperationProtocol.Network.Announce(new ArmAnswer(202), operation, call, location: true);

        async Task<JsonNode?> Run(ArmOperation running)
        {
            await cloud.DelayAsync(cloud.Options.Delays.Network, running);
            cloud.Under(() => cloud.Store.Remove(resource));
            return null;
        }
    }
}
