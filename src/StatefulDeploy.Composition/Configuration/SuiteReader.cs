using StatefulDeploy.Model;

namespace StatefulDeploy.Composition.Configuration;

/// <summary>Reads one verification suite.</summary>
internal static class SuiteReader
{
    private static readonly Dictionary<string, SuiteKind> Kinds =
        Enum.GetValues<SuiteKind>().ToDictionary(kind => kind.ToString().ToLowerInvariant(), StringComparer.Ordinal);

    public static SuiteDescription Read(YamlSection section)
    {
        section.AtMostOneOf("command", "pester");
        section.AtMostOneOf("command", "workload");
        section.AtMostOneOf("pester", "workload");
        if (section["command"] is null && section["pester"] is null && section["workload"] is null)
            throw section.MissingKey("command', 'pester' or 'workload");

        var workload = section["workload"] is { } load ? WorkloadReader.Read(load.Section(SectionKeys.Workload)) : null;
        var kind = section["kind"]?.OneOf(Kinds) ?? (workload is null ? SuiteKind.Functional : SuiteKind.Load);
        if (workload is not null && kind != SuiteKind.Load)
            throw section.Required("kind").Wrong(section.Required("kind").Text(), "load, which a workload is");

        var standard = new SuiteDescription { Name = string.Empty };
        return new SuiteDescription
        {
            Name = section.Required("name").Text(),
            Kind = kind,
            Command = section["command"] is { } command ? CommandLine.Read(command) : [],
            PesterFile = section["pester"]?.FullPath(),
            Workload = workload,
            Writes = section["writes"]?.Flag() ?? standard.Writes,
            Timeout = section["timeout"]?.Duration(TimeSpan.FromMilliseconds(1)) ?? standard.Timeout,
            Results = section["results"]?.Text(),
            MaxLatencyRatio = section["maxLatencyRatio"]?.Ratio() ?? standard.MaxLatencyRatio,
            MinThroughputRatio = section["minThroughputRatio"]?.Ratio() ?? standard.MinThroughputRatio,
        };
    }
}
