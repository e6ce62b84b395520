using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;

namespace StatefulDeploy.Harness.Azure.Network;

/// <summary>Backend pools of balancers. Members come by their interface, or by address.</summary>
/// <param name="cloud">Where.</param>
internal sealed class Pools(AzureCloud cloud)
{
    private const string List = "backendAddressPools";

    public void Add(ArmRoutes routes)
    {
        routes.On("GET", $"{Balancers.Type}/*/{List}", call => Pages.Of(cloud, call, Balancer(call).Properties.Objects(List).Select(Show)));
        routes.On("GET", $"{Balancers.Type}/*/{List}/*", Get);
        routes.On("PUT", $"{Balancers.Type}/*/{List}/*", Put);
        routes.On("DELETE", $"{Balancers.Type}/*/{List}/*", Delete);
    }

    /// <summary>Tells who is in a pool.</summary>
    internal static void TellMembers(AzureCloud cloud, JsonObject pool)
    {
        var members = cloud.Store.Of<NetworkResource>().Where(one => one.Type == Interfaces.Type).SelectMany(one => one.Properties.Objects("ipConfigurations"))
            .Where(configuration => configuration.Objects("properties", "loadBalancerBackendAddressPools").Any(member => string.Equals(member.Text("id"), pool.Text("id"), StringComparison.OrdinalIgnoreCase)))
            .Select(configuration => new JsonObject { ["id"] = configuration.Text("id") }).ToArray<JsonNode>();
        if (members.Length > 0)
        {
            pool.Child("properties")["backendIPConfigurations"] = new JsonArray(members);
        }
    }

    /// <summary>Lets an interface into a pool.</summary>
    /// <exception cref="ArmException">There is none, it is one of addresses, or its balancer is being changed.</exception>
    internal static void Join(AzureCloud cloud, string id)
    {
        var balancer = cloud.Store.Of<NetworkResource>().FirstOrDefault(one => one.Type == Balancers.Type && id.StartsWith(one.Id + "/", StringComparison.OrdinalIgnoreCase));
        var pool = balancer?.Properties.Objects(List).FirstOrDefault(one => string.Equals(one.Text("id"), id, StringComparison.OrdinalIgnoreCase)) ?? throw NetworkModel.NotThere(id);
        if (balancer!.Current is not null)
        {
            throw Busy(balancer);
        }

        if (pool.Objects("properties", "loadBalancerBackendAddresses").Count > 0)
        {
            throw new ArmException(400, "BackendPoolTypeConflict", $"The backend pool {id} has members by address and cannot have an interface.");
        }
    }

    private ArmAnswer Get(ArmCall call)
    {
        var balancer = Balancer(call);
        return new ArmAnswer(200, Show(Find(balancer, call))).With("ETag", balancer.Etag);
    }

    // It is in force when its operation is done, unless a PUT of the whole balancer overtakes it.
    private ArmAnswer Put(ArmCall call)
    {
        var balancer = Balancer(call);
        Conditions.Check(call.Request, balancer.Etag, wanted => NetworkResource.Mismatch(wanted, balancer));
        if (balancer.Current is not null)
        {
            throw Busy(balancer);
        }

        var pools = new JsonObject { ["id"] = balancer.Id, ["type"] = Balancers.Type };
        var pool = call.Request.Content.Copy();
        pool["name"] = call.Request.Target.Name;
        pools.Child("properties")[List] = new JsonArray(pool);
        NetworkModel.Parts(pools, List, "Succeeded");
        pool.Child("properties").Remove("backendIPConfigurations");
        CheckAddresses(pool);
        var isNew = Existing(balancer, call) is null;
        pool["etag"] = balancer.Etag;
        var accepted = pool.Copy();
        accepted["properties"]!["provisioningState"] = "Updating";
        var operation = cloud.Operations.Start(OperationProtocol.Network, balancer, "put-pool", Run);
        return OperationProtocol.Network.Announce(new ArmAnswer(isNew ? 201 : 200, accepted), operation, call, location: false);

        async Task<JsonNode?> Run(ArmOperation running)
        {
            Balancers.MayBeSuperseded(cloud, balancer);
            await cloud.DelayAsync(cloud.Options.Delays.Network, running);
            cloud.Under(() => Replace(balancer, call, pool.Copy()));
            return null;
        }
    }

    private ArmAnswer Delete(ArmCall call)
    {
        var balancer = Balancer(call);
        if (Existing(balancer, call) is null)
        {
            return new ArmAnswer(204);
        }

        if (balancer.Current is not null)
        {
            throw Busy(balancer);
        }

        var operation = cloud.Operations.Start(OperationProtocol.Network, balancer, "delete-pool", Run);
        return OperationProtocol.Network.Announce(new ArmAnswer(202), operation, call, location: true);

        async Task<JsonNode?> Run(ArmOperation running)
        {
            await cloud.DelayAsync(cloud.Options.Delays.Network, running);
            cloud.Under(() => Replace(balancer, call, null));
            return null;
        }
    }

    private static void Replace(NetworkResource balancer, ArmCall call, JsonObject? pool)
    {
        var pools = (JsonArray)balancer.Properties[List]!;
        if (Existing(balancer, call) is { } old)
        {
            pools.Remove(old);
        }

        if (pool is not null)
        {
            pools.Add((JsonNode)pool);
        }

        balancer.Changed();
    }

    private void CheckAddresses(JsonObject pool)
    {
        var addresses = pool.Objects("properties", "loadBalancerBackendAddresses");
        var shown = pool.Copy();
        TellMembers(cloud, shown);
        if (addresses.Any(address => address.Text("properties", "ipAddress") is not null) && shown.Objects("properties", "backendIPConfigurations").Count > 0)
        {
            throw new ArmException(400, "BackendPoolTypeConflict", $"The backend pool {pool.Text("id")} has members by interface and cannot have addresses.");
        }

        if (addresses.GroupBy(address => address.Text("name")).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArmException(400, "DuplicateResourceName", $"Resource {pool.Text("id")} has two child resources with the same name ({twice.Key}).");
        }

        foreach (var address in addresses)
        {
            var properties = address.Child("properties");
            if (properties.Text("ipAddress") is not null && properties.Text("virtualNetwork", "id") is null && properties.Text("subnet", "id") is null && pool.Text("properties", "virtualNetwork", "id") is null)
            {
                throw new ArmException(400, "VirtualNetworkReferenceRequired", $"The backend address {address.Text("name")} of {pool.Text("id")} needs a virtual network.");
            }
        }
    }

    private JsonObject Show(JsonObject pool)
    {
        var shown = pool.Copy();
        TellMembers(cloud, shown);
        return shown;
    }

    private NetworkResource Balancer(ArmCall call)
    {
        var target = call.Request.Target;
        var parent = target with { Segments = [.. target.Segments.Take(2)] };
        return cloud.Store.Find<NetworkResource>(parent.Id) ?? throw ArmException.ResourceNotFound(parent);
    }

    private static JsonObject? Existing(NetworkResource balancer, ArmCall call) =>
        balancer.Properties.Objects(List).FirstOrDefault(pool => string.Equals(pool.Text("name"), call.Request.Target.Name, StringComparison.OrdinalIgnoreCase));

    private static JsonObject Find(NetworkResource balancer, ArmCall call) =>
        Existing(balancer, call) ?? throw new ArmException(404, "NotFound", $"Resource {call.Request.Target.Id} not found.");

    private static ArmException Busy(NetworkResource balancer) => new(409, "AnotherOperationInProgress", $"Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: {balancer.Current!.Id}.");
}
