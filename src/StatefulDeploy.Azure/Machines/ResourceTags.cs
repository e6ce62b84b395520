using System.Text.Json.Nodes;
using StatefulDeploy.Model;

namespace StatefulDeploy.Azure.Machines;

/// <summary>The tags on everything that is made: by them it is known what is ours, and only that is ever removed.</summary>
internal static class ResourceTags
{
    public const string Service = "statefuldeploy-service";
    public const string Upgrade = "statefuldeploy-upgrade";
    public const string Colour = "statefuldeploy-colour";
    public const string Retired = "statefuldeploy-retired";
    public const string Purpose = "statefuldeploy-purpose";

    // learn.microsoft.com/azure/azure-resource-manager/management/tag-resources
    private const int LongestValue = 256;

    /// <summary>The tags of something made for a service.</summary>
    public static JsonObject Of(string service, string? upgrade, string purpose) => With([(Service, service), (Upgrade, upgrade), (Purpose, purpose)]);

    /// <summary>The tags of a machine of green, or of a part of it.</summary>
    public static JsonObject OfGreen(string service, string upgrade) => With([(Service, service), (Upgrade, upgrade), (Colour, nameof(ClusterColour.Green))]);

    /// <summary>Whether something carries the tags of a service.</summary>
    public static bool AreOf(string service, IReadOnlyDictionary<string, string> tags) => tags.GetValueOrDefault(Service) == service;

    /// <summary>Whether something is a machine, or a part of one, that was made for a service.</summary>
    public static bool AreMade(string service, IReadOnlyDictionary<string, string> tags) => AreOf(service, tags) && tags.ContainsKey(Upgrade) && tags.GetValueOrDefault(Colour) == nameof(ClusterColour.Green);

    /// <summary>Whether something carries the tags of a service's upgrade.</summary>
    public static bool AreOf(string service, string upgrade, IReadOnlyDictionary<string, string> tags) => AreOf(service, tags) && tags.GetValueOrDefault(Upgrade) == upgrade;

    /// <summary>The beginning of a text.</summary>
    public static string Shorten(string text, int most) => text.Length <= most ? text : text[..most];

    private static JsonObject With(IEnumerable<(string Name, string? Value)> tags)
    {
        var found = new JsonObject();
        foreach (var (name, value) in tags.Where(tag => tag.Value is not null))
            found[name] = Shorten(value!, LongestValue);
        return found;
    }
}
