using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure;

namespace StatefulDeploy.Azure.Tests;

/// <summary>A test on a simulator of its own, which at the end must have seen nothing that the API does not allow and nothing that must not happen.</summary>
public abstract class SimulatorTest : IAsyncLifetime
{
    protected AzureSimulator Simulator { get; private set; } = null!;

    protected AzureCaller Azure { get; private set; } = null!;

    protected virtual AzureOptions Options => new();

    public async Task InitializeAsync()
    {
        Simulator = await AzureSimulator.StartAsync(Options);
        Azure = Simulator.Caller("service");
        await Azure.MakeGroupAsync();
    }

    public async Task DisposeAsync()
    {
        Azure.Dispose();
        await using (Simulator)
        {
            await Simulator.IdleAsync();
            Simulator.Verify();
        }
    }

    /// <summary>A PATCH of a machine's list of data disks.</summary>
    protected static JsonObject Disks(params JsonObject[] entries) => new()
    {
        ["properties"] = new JsonObject { ["storageProfile"] = new JsonObject { ["dataDisks"] = new JsonArray(entries) } },
    };

    /// <summary>The names of the disks that a machine lists, by LUN.</summary>
    protected async Task<IReadOnlyDictionary<int, string>> ListedAsync(string machine)
    {
        var found = await Azure.GetAsync(AzureStage.Machine(machine));
        return found!["properties"]!["storageProfile"]!["dataDisks"]!.AsArray().ToDictionary(disk => disk!["lun"]!.GetValue<int>(), disk => disk!["name"]!.GetValue<string>());
    }

    /// <summary>A disk's state, and the machine that has it.</summary>
    protected async Task<(string State, string? Owner)> DiskAsync(string disk)
    {
        var found = await Azure.GetAsync(AzureStage.Disk(disk));
        return (found!["properties"]!["diskState"]!.GetValue<string>(), found["managedBy"]?.GetValue<string>().Split('/')[^1]);
    }
}
