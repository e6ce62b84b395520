using StatefulDeploy.Harness;

namespace StatefulDeploy.Benchmarks.Services;

/// <summary>The command line program on one service.</summary>
/// <param name="Bed">What ends everything afterwards: what a command has started, such as green, is to go on after it.</param>
public sealed record UpgradeCommand(TestBed Bed)
{
    private static readonly TimeSpan Within = TimeSpan.FromHours(2);

    /// <summary>The service file.</summary>
    public string ServiceFile => Path.Combine(Bed.Folder, "service.yaml");

    /// <summary>Where its journals go.</summary>
    public string StateFolder => Path.Combine(Bed.Folder, "state");

    /// <summary>What its upgrade has written down so far.</summary>
    public UpgradeTimes Times => UpgradeTimes.Read(StateFolder);

    /// <summary>Runs a command to its end.</summary>
    /// <param name="verb">The command.</param>
    /// <param name="options">Its options.</param>
    /// <returns>The most memory that its process had.</returns>
    public async Task<PeakMemory> RunAsync(string verb, params string[] options)
    {
        var upgrade = Bed.StartDotnet("statefuldeploy", [verb, ServiceFile, .. options]);
        var memory = PeakMemory.WatchAsync(upgrade);
        return await upgrade.WaitForExitAsync(Within) == 0 ? await memory : throw new InvalidOperationException($"'{verb}' failed:\n{upgrade.Output}");
    }
}
