using System.Globalization;
using System.Text.Json.Nodes;
using Azure.Core;
using StatefulDeploy.Azure.Arm;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Azure.Machines;

/// <summary>
/// What becomes of blue's machines when its servers have stopped for good: their data stays as long as the data class keeps snapshots, so
/// they are marked with the day when that ends, and go with a retirement after it. Machines that nobody of us made are left alone.
/// </summary>
internal sealed class MachineRetirement(AzureService azure)
{
    private readonly MachineRemoval _removal = new(azure);

    /// <summary>Marks those of blue, and removes those whose day has come.</summary>
    /// <param name="upgrade">The upgrade that has retired blue.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="UpgradeException">Azure fails.</exception>
    public async Task RunAsync(string upgrade, CancellationToken cancellationToken)
    {
        var blue = azure.Service.Blue.Nodes.Select(node => azure.MachineOf(node.Host)).Distinct().ToList();
        var made = (await _removal.TaggedAsync(ResourceTypes.Machine, null, cancellationToken)).Where(machine => !ResourceTags.AreOf(azure.Service.Name, upgrade, machine.Tags)).ToList();
        foreach (var id in blue.Where(id => !made.Exists(machine => machine.Id.Equals(id))))
            azure.Tell($"The machine '{id.Name}' of blue was not made by an upgrade and stays as it is.");

        foreach (var machine in made)
        {
            if (blue.Contains(machine.Id))
                await MarkAsync(machine, cancellationToken);
            else if (RetiredUntil(machine) is { } day && day <= azure.Clock.GetUtcNow())
                await RemoveAsync(machine, cancellationToken);
        }
    }

    private async Task MarkAsync(ArmResource machine, CancellationToken cancellationToken)
    {
        if (RetiredUntil(machine) is not null)
            return;

        var day = (azure.Clock.GetUtcNow() + azure.Service.DataClass.SnapshotRetention).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var tags = new JsonObject(machine.Tags.Select(tag => KeyValuePair.Create(tag.Key, (JsonNode?)tag.Value))) { [ResourceTags.Retired] = day };
        await azure.Operations.RunAsync(azure.Client.Request(RequestMethod.Patch, machine.Id) with { Body = new JsonObject { ["tags"] = tags } }, $"tagging the machine {machine.Id.Name}", azure.Pace.OperationPatience, cancellationToken);
        azure.Tell($"The machine '{machine.Id.Name}', made by the upgrade '{machine.Tags.GetValueOrDefault(ResourceTags.Upgrade)}', is retired: it goes with the first retirement after {day}. Until then it can be stopped (az vm deallocate).", ReportLevel.Information);
    }

    // One with a data disk is told, and left to whoever knows what that disk is.
    private async Task RemoveAsync(ArmResource machine, CancellationToken cancellationToken)
    {
        try
        {
            await _removal.RemoveOneAsync(machine, cancellationToken);
        }
        catch (UpgradeException error) when (error.ErrorId == MachineRemoval.DataOnMachine)
        {
            azure.Tell($"{error.Message} {error.RecommendedAction}", ReportLevel.Warning);
        }
    }

    private static DateTimeOffset? RetiredUntil(ArmResource machine) =>
        DateTimeOffset.TryParseExact(machine.Tags.GetValueOrDefault(ResourceTags.Retired), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day) ? day : null;
}
