using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Contracts;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Machines;

/// <summary>A machine of green that is to be made.</summary>
/// <param name="Host">The host that it will be.</param>
/// <param name="Machine">The machine.</param>
/// <param name="Model">The blue machine that it stands in for.</param>
/// <param name="Address">Its private address; null for any.</param>
internal sealed record MachineOrder(string Host, ResourceId Machine, ResourceId Model, string? Address)
{
    /// <summary>Its network interface.</summary>
    public ResourceId Interface => Machine.Sibling(ResourceTypes.Interface, $"{Machine.Name}-nic");

    /// <summary>The machines of the hosts on which green's nodes are to be, and blue's are not.</summary>
    /// <exception cref="UpgradeException">Green is not described with hosts of its own.</exception>
    public static IReadOnlyList<MachineOrder> Of(AzureService azure)
    {
        var blue = azure.Service.Blue.Nodes.Select(node => azure.MachineOf(node.Host)).Distinct().ToList();
        var green = azure.Service.Green.Shards.SelectMany(shard => shard.Nodes).GroupBy(node => node.Host, StringComparer.Ordinal)
            .Select(group => (Host: group.Key, Machine: azure.MachineOf(group.Key), group.First().Endpoint)).Where(one => !blue.Contains(one.Machine)).ToList();
        if (green.Count == 0)
            throw new UpgradeException("NoGreenHosts", $"{azure.Service.Path}: green has no nodes on hosts of its own, so that there is no machine to make.", "Describe green's nodes under 'green' with a 'host' each, and those under 'hosts'.", FailureCategory.InvalidInput) { Target = "green" };

        return [.. green.Select((one, index) => new MachineOrder(one.Host, one.Machine, blue[index % blue.Count], AddressOf(one.Endpoint)))];
    }

    private static string? AddressOf(NodeEndpoint endpoint) => System.Net.IPAddress.TryParse(endpoint.Host, out _) ? endpoint.Host : null;
}
