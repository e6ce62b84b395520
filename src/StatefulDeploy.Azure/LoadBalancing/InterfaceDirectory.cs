using System.Text.Json.Nodes;
using Azure.Core;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Azure.Machines;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Azure.LoadBalancing;

/// <summary>The network interfaces of the service's machines, by their private addresses.</summary>
internal sealed class InterfaceDirectory(AzureService azure)
{
    private Dictionary<string, PoolMember>? _byAddress;

    /// <summary>The member that an address of a machine of the service would be.</summary>
    /// <exception cref="UpgradeException">No machine has it.</exception>
    public async Task<PoolMember> FindAsync(string address, CancellationToken cancellationToken)
    {
        _byAddress ??= await ReadAsync(cancellationToken);
        return _byAddress.GetValueOrDefault(address) ?? throw new UpgradeException(
            "AddressUnknown",
            $"No machine of the service has the private address {address}.",
            "Name the machines of all hosts under azure.machines, and the nodes' endpoints by private addresses.",
            FailureCategory.NotFound)
        { Target = address };
    }

    /// <summary>The member that an IP configuration is.</summary>
    /// <param name="configuration">Its id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<PoolMember> MemberAsync(string configuration, CancellationToken cancellationToken)
    {
        var (owner, name) = Part(configuration);
        var found = await azure.Client.GetAsync(owner, cancellationToken);
        return Members(found).FirstOrDefault(member => string.Equals(member.Configuration, name, StringComparison.OrdinalIgnoreCase)) ?? new PoolMember(string.Empty, owner, name);
    }

    /// <summary>The request that lets a member into a pool, or out of it: its interface as it is, with that one change.</summary>
    public async Task<ArmRequest> ChangeAsync(PoolMember member, string pool, bool join, CancellationToken cancellationToken)
    {
        var found = await azure.Client.GetAsync(member.Interface!, cancellationToken);
        var body = (JsonObject)found.Body.DeepClone();
        var properties = body.Objects("properties", "ipConfigurations").First(one => string.Equals(one.Text("name"), member.Configuration, StringComparison.OrdinalIgnoreCase))["properties"]!;
        var pools = properties.Objects("loadBalancerBackendAddressPools").Where(one => !string.Equals(one.Text("id"), pool, StringComparison.OrdinalIgnoreCase)).Select(one => one.DeepClone()).ToList();
        if (join)
            pools.Add(new JsonObject { ["id"] = pool });

        properties["loadBalancerBackendAddressPools"] = new JsonArray([.. pools]);
        return azure.Client.Request(RequestMethod.Put, member.Interface!) with { Body = body, IfMatch = found.ETag };
    }

    private async Task<Dictionary<string, PoolMember>> ReadAsync(CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, PoolMember>(StringComparer.Ordinal);
        foreach (var machine in azure.Machines)
        {
            if (await azure.Client.FindAsync(machine, cancellationToken) is not { } sight)
                continue;

            foreach (var id in new MachineSight(sight).Interfaces)
            {
                foreach (var member in Members(await azure.Client.GetAsync(id, cancellationToken)))
                    found[member.Address] = member;
            }
        }

        return found;
    }

    private static IEnumerable<PoolMember> Members(ArmResource one) => one.Properties.Objects("ipConfigurations")
        .Where(configuration => configuration.Text("properties", "privateIPAddress") is not null)
        .Select(configuration => new PoolMember(configuration.Text("properties", "privateIPAddress")!, one.Id, configuration.Text("name")));

    private static (ResourceId Owner, string Name) Part(string configuration)
    {
        var id = ResourceId.Parse(configuration);
        return (ResourceId.Of(id.Subscription, id.Group, ResourceTypes.Interface, id.Name.Split('/')[0]), id.LastName);
    }
}
