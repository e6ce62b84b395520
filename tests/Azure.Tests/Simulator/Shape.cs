using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace StatefulDeploy.Azure.Tests.Simulator;

/// <summary>What an answer is made of: every place in it, with the kind of value there, and the value where clients go by it.</summary>
internal static partial class Shape
{
    // By these a client decides; all other values are of one run.
    private static readonly string[] Decisive = ["code", "message", "status", "provisioningState", "diskState", "type", "name", "tier", "createOption", "id"];

    /// <summary>The places of a body, each as <c>$.properties.diskState: String Unattached</c>.</summary>
    public static SortedSet<string> Of(JsonNode? body)
    {
        var places = new SortedSet<string>(StringComparer.Ordinal);
        Add(body, "$", string.Empty, places);
        return places;
    }

    private static void Add(JsonNode? node, string at, string name, SortedSet<string> places)
    {
        switch (node)
        {
            case JsonObject found:
                places.Add($"{at}: Object");
                foreach (var (key, value) in found)
                {
                    Add(value, $"{at}.{key}", key, places);
                }

                break;
            case JsonArray list:
                places.Add($"{at}: Array");
                foreach (var one in list)
                {
                    Add(one, $"{at}[]", name, places);
                }

                break;
            default:
                var kind = node?.GetValueKind() ?? JsonValueKind.Null;
                places.Add($"{at}: {(kind is JsonValueKind.True or JsonValueKind.False ? "Boolean" : kind)}{(Decisive.Contains(name) ? " " + Ids().Replace(node!.ToString(), "ID") : string.Empty)}");
                break;
        }
    }

    // Whoever is asked, an id is another one.
    [GeneratedRegex("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Ids();
}
