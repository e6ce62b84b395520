using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure;
using YamlDotNet.RepresentationModel;

namespace StatefulDeploy.Azure.Tests.Simulator;

/// <summary>Traffic with the real Azure, as go-vcr wrote it down.</summary>
internal static class Recording
{
    public static IReadOnlyList<RecordedExchange> Read(string name)
    {
        using var reader = File.OpenText(Path.Combine(AzureData.Recordings, name + ".yaml"));
        var yaml = new YamlStream();
        yaml.Load(reader);
        return [.. At(yaml.Documents[0].RootNode, "interactions").AllNodes.OfType<YamlMappingNode>().Where(node => node.Children.ContainsKey("request")).Select(Exchange)];
    }

    private static RecordedExchange Exchange(YamlMappingNode node)
    {
        var (request, response) = (At(node, "request"), At(node, "response"));
        return new RecordedExchange(
            Text(At(request, "method")),
            new Uri(Text(At(request, "url"))),
            Headers(request),
            Json(Text(At(request, "body"))),
            int.Parse(Text(At(response, "code")), null),
            Headers(response),
            Json(Text(At(response, "body"))));
    }

    private static Dictionary<string, string> Headers(YamlNode node) => ((YamlMappingNode)At(node, "headers")).Children
        .ToDictionary(pair => Text(pair.Key), pair => Text(((YamlSequenceNode)pair.Value).Children[0]), StringComparer.OrdinalIgnoreCase);

    private static JsonNode? Json(string text) => text.Length == 0 ? null : JsonNode.Parse(text);

    private static YamlNode At(YamlNode node, string name) => ((YamlMappingNode)node).Children[name];

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value ?? string.Empty;
}
