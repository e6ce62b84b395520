using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;
using StatefulDeploy.Harness.Azure.Compute;

namespace StatefulDeploy.Harness.Azure.Network;

/// <summary>Network interfaces. A change is done when it is answered.</summary>
/// <param name="cloud">Where.</param>
internal sealed class Interfaces(AzureCloud cloud)
{
    internal const string Type = "Microsoft.Network/networkInterfaces";
    private const int FirstAddress = 4;

    public void Add(ArmRoutes routes)
    {
        NetworkRoutes.Add(routes, cloud, Type, one => one.Model.Copy(), Free);
        routes.On("PUT", $"{Type}/*", Put);
    }

    private ArmAnswer Put(ArmCall call)
    {
        var existing = cloud.Store.Find<NetworkResource>(call.Request.Target.Id);
        Conditions.Check(call.Request, existing?.Etag, wanted => NetworkResource.Mismatch(wanted, existing));
        var model = NetworkModel.Of(call.Request, Type, existing, "Succeeded");
        var properties = model.Child("properties");
        foreach (var name in new[] { "virtualMachine", "macAddress" })
        {
            properties.Remove(name);
            properties.Default(name, existing?.Properties[name]?.DeepClone());
        }

        var first = true;
        foreach (var configuration in NetworkModel.Parts(model, "ipConfigurations", "Succeeded"))
        {
            Fill(configuration.Child("properties"), model.Text("id")!, configuration.Text("name")!, existing, first);
            first = false;
        }

        Fill(model);
        var resource = existing ?? new NetworkResource(call.Request.Target.Id, Type, model);
        resource.Model = model;
        resource.Changed();
        cloud.Store.Add(resource);
        var operation = new ArmOperation(OperationProtocol.Network, resource, "put", cloud.Now);
        return new ArmAnswer(existing is null ? 201 : 200, model.Copy()).With("x-ms-operation-identifier", operation.Identifier);
    }

    private void Fill(JsonObject properties, string id, string name, NetworkResource? existing, bool primary)
    {
        properties.Default("privateIPAllocationMethod", "Dynamic").Default("primary", primary).Default("privateIPAddressVersion", "IPv4");
        var subnet = properties.Text("subnet", "id") ?? throw new ArmException(400, "SubnetIsRequired", $"Subnet reference is required for ipconfiguration {id}/ipConfigurations/{name}.");
        var prefix = VirtualNetworks.Prefix(cloud, subnet) ?? throw NetworkModel.NotThere(subnet);
        NetworkModel.Reference(properties, "subnet");
        NetworkModel.Reference(properties, "publicIPAddress");
        var before = existing?.Properties.Objects("ipConfigurations").FirstOrDefault(one => one.Text("name") == name);
        properties.Default("privateIPAddress", before.Text("properties", "privateIPAddress") ?? cloud.Options.Hardware.AddressOf(id[(id.LastIndexOf('/') + 1)..]));
        var taken = Taken(id).ToHashSet(StringComparer.Ordinal);
        if (properties.Text("privateIPAddress") is { } address && taken.Contains(address))
        {
            throw new ArmException(400, "PrivateIPAddressInUse", $"IP configuration {id}/ipConfigurations/{name} is using the private IP address {address} which is already allocated to another resource.");
        }

        properties.Default("privateIPAddress", Enumerable.Range(FirstAddress, 250).Select(last => FormattableString.Invariant($"{prefix}.{last}")).First(free => !taken.Contains(free)));
        foreach (var pool in properties.Objects("loadBalancerBackendAddressPools"))
        {
            Pools.Join(cloud, pool.Text("id")!);
        }

        if (properties["loadBalancerBackendAddressPools"] is JsonArray pools)
        {
            properties["loadBalancerBackendAddressPools"] = new JsonArray([.. pools.Select(pool => new JsonObject { ["id"] = pool.Text("id") })]);
        }
    }

    private static void Fill(JsonObject model)
    {
        var properties = model.Child("properties");
        var dns = properties.Child("dnsSettings");
        dns.Default("dnsServers", new JsonArray());
        dns["appliedDnsServers"] = new JsonArray();
        dns["internalDomainNameSuffix"] = "simulated.bx.internal.cloudapp.net";
        foreach (var name in new[] { "enableAcceleratedNetworking", "vnetEncryptionSupported", "enableIPForwarding", "disableTcpStateTracking", "defaultOutboundConnectivityEnabled" })
        {
            properties.Default(name, false);
        }

        properties.Default("hostedWorkloads", new JsonArray()).Default("tapConfigurations", new JsonArray()).Default("nicType", "Standard").Default("allowPort25Out", true)
            .Default("auxiliaryMode", "None").Default("auxiliarySku", "None");
        NetworkModel.Reference(properties, "networkSecurityGroup");
        model["kind"] = "Regular";
    }

    private IEnumerable<string> Taken(string but) => cloud.Store.Of<NetworkResource>().Where(one => one.Type == Type && !one.Is(but))
        .SelectMany(one => one.Properties.Objects("ipConfigurations")).Select(one => one.Text("properties", "privateIPAddress")!);

    private static void Free(NetworkResource resource)
    {
        if (resource.Properties.Text("virtualMachine", "id") is { } machine)
        {
            throw new ArmException(400, "NicInUse", $"Network Interface {resource.Id} is used by existing resource {machine}. In order to delete the network interface, it must be dissociated from the resource.");
        }
    }

    /// <summary>Gives a machine its interfaces.</summary>
    internal static void Bind(AzureCloud cloud, MachineResource machine)
    {
        var primary = true;
        foreach (var reference in machine.Properties.Objects("networkProfile", "networkInterfaces"))
        {
            var id = reference.Text("id")!;
            var found = cloud.Store.Find<NetworkResource>(id) ?? throw NetworkModel.NotThere(id);
            if (found.Properties.Text("virtualMachine", "id") is { } other && !machine.Is(other))
            {
                throw new ArmException(400, "NicInUse", $"Network Interface {id} is used by existing resource {other}.");
            }

            found.Properties["virtualMachine"] = new JsonObject { ["id"] = machine.Id };
            found.Properties["primary"] = primary;
            primary = false;
        }
    }

    /// <summary>Frees a machine's interfaces at its end, and deletes those that its model says to delete.</summary>
    internal static void Release(AzureCloud cloud, MachineResource machine)
    {
        foreach (var reference in machine.Properties.Objects("networkProfile", "networkInterfaces"))
        {
            if (cloud.Store.Find<NetworkResource>(reference.Text("id")) is not { } found)
            {
                continue;
            }

            found.Properties.Remove("virtualMachine");
            if (reference.Text("properties", "deleteOption") == "Delete")
            {
                cloud.Store.Remove(found);
            }
        }
    }
}
