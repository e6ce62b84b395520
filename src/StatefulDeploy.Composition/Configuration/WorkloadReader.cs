using System.Globalization;
using StatefulDeploy.Model;

namespace StatefulDeploy.Composition.Configuration;

/// <summary>Reads the workload of a suite.</summary>
internal static class WorkloadReader
{
    private const int MostScripts = 64;
    private const int MostSample = 16;
    private const int MostClients = 1000;
    private const int MostWeight = 1000;

    public static WorkloadDescription Read(YamlSection section)
    {
        var standard = new WorkloadDescription();
        var read = new WorkloadDescription
        {
            Scripts = section["scripts"]?.Items().Select(Script).ToList() ?? standard.Scripts,
            Sample = section["sample"]?.Number(0, MostSample) ?? standard.Sample,
            Clients = section["clients"]?.Number(1, MostClients) ?? standard.Clients,
            Duration = section["duration"]?.Duration(TimeSpan.FromSeconds(1)) ?? standard.Duration,
            MaxPlanCostRatio = section["maxPlanCostRatio"]?.Ratio() ?? standard.MaxPlanCostRatio,
        };
        if (read.Scripts.Count > MostScripts)
            throw section.Required("scripts").Place.Error("InvalidValue", $"There are {read.Scripts.Count} scripts; at most {MostScripts} can be replayed together.", "Put some of them into one file, or into another suite.");
        return read.Scripts.Count > 0 || read.Sample > 0 ? read : throw section.MissingKey("scripts' or 'sample");
    }

    // As pgbench writes it: a file, and perhaps @ and its weight.
    private static WorkloadScript Script(YamlValue value)
    {
        var path = value.FullPath();
        var at = path.LastIndexOf('@');
        if (at < 0)
            return new WorkloadScript(path, 1);

        return int.TryParse(path.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var weight) && weight is >= 1 and <= MostWeight
            ? new WorkloadScript(path[..at], weight)
            : throw value.Wrong(value.Text(), $"a file, or file@weight with a weight from 1 to {MostWeight}");
    }
}
