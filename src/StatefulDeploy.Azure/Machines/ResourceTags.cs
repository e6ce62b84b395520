using System.Text.Json.Nodes;

namespace StatefulDeploy.Azure.Machines;

/// <summary>The tags on everything that is made: by them it is known what is ours, and only that is ever removed.</summary>
internal static class ResourceTags
{
    public const string Service = "statefuldeploy-service";
    public const string Purpose = "statefuldeploy-purpose";

    // learn.microsoft.com/azure/azure-resource-manager/management/tag-resources
    private const int LongestValue = 256;

    /// <summary>The tags of something made for a service.</summary>
    public static JsonObject Of(string service, string purpose) => With([(Service, service), (Purpose, purpose)]);

    /// <summary>Whether something carries the tags of a service.</summary>
    public static bool AreOf(string service, IReadOnlyDictionary<string, string> tags) => tags.GetValueOrDefault(Service) == service;

    /// <summary>The beginning of a text.</summary>
    public static string Shorten(string text, int most) => text.Length <= most ? text : text[..most];

    private static JsonObject With(IEnumerable<(string Name, string Value)> tags) =>
        new(tags.Select(tag => KeyValuePair.Create(tag.Name, (JsonNode?)Shorten(tag.Value, LongestValue))));
}
