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
        if (section["command"] is null && section["pester"] is null)
            throw section.MissingKey("command' or 'pester");

        var standard = new SuiteDescription { Name = string.Empty };
        return new SuiteDescription
        {
            Name = section.Required("name").Text(),
            Kind = section["kind"]?.OneOf(Kinds) ?? SuiteKind.Functional,
            Command = section["command"] is { } command ? CommandLine.Read(command) : [],
            PesterFile = section["pester"]?.FullPath(),
            Writes = section["writes"]?.Flag() ?? standard.Writes,
            Timeout = section["timeout"]?.Duration(TimeSpan.FromMilliseconds(1)) ?? standard.Timeout,
            Results = section["results"]?.Text(),
            MaxLatencyRatio = section["maxLatencyRatio"]?.Ratio() ?? standard.MaxLatencyRatio,
            MinThroughputRatio = section["minThroughputRatio"]?.Ratio() ?? standard.MinThroughputRatio,
        };
    }
}
