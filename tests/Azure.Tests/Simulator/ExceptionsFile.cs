using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure;

namespace StatefulDeploy.Azure.Tests.Simulator;

/// <summary>The one exceptions file of the simulator.</summary>
internal static class ExceptionsFile
{
    public static JsonNode Section(string name)
    {
        using var stream = typeof(AzureSimulator).Assembly.GetManifestResourceStream("exceptions.json")!;
        return JsonNode.Parse(stream)![name]!;
    }
}
