using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Machines;

/// <summary>What a subscription has used of its quotas.</summary>
internal sealed class QuotaReadings(AzureService azure)
{
    // The quotas of learn.microsoft.com/azure/virtual-machines/quotas: of all families, and of machines; a family's is named as the family.
    public const string AllProcessors = "cores";
    public const string AllMachines = "virtualMachines";

    private const string Type = "Microsoft.Compute/locations/usages";

    /// <summary>The quotas of a region by their names.</summary>
    public async Task<IReadOnlyDictionary<string, AzureQuota>> ReadAsync(string region, CancellationToken cancellationToken)
    {
        var rows = await azure.Client.ListAsync($"/subscriptions/{azure.Azure.Subscription}/providers/Microsoft.Compute/locations/{region}/usages", Type, cancellationToken);
        return rows.Select(row => new AzureQuota(row.Text("name", "value") ?? string.Empty, row.Text("name", "localizedValue") ?? string.Empty, (long)(row.Number("currentValue") ?? 0), (long)(row.Number("limit") ?? 0)))
            .GroupBy(quota => quota.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(group => group.Key, group => group.First(), StringComparer.OrdinalIgnoreCase);
    }
}
