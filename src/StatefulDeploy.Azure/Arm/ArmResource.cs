using System.Text.Json.Nodes;

namespace StatefulDeploy.Azure.Arm;

/// <summary>A resource as Resource Manager tells it, with every property that we do not know.</summary>
/// <param name="Body">The whole of it.</param>
/// <param name="ETag">Its version; null when it has none.</param>
internal sealed record ArmResource(JsonObject Body, string? ETag)
{
    /// <summary>Its id.</summary>
    public ResourceId Id => ResourceId.Parse(Text("id") ?? string.Empty);

    /// <summary>Its properties; empty when it tells none.</summary>
    public JsonObject Properties => Body["properties"] as JsonObject ?? [];

    /// <summary>What is being done to it, or how that ended, such as <c>Succeeded</c>.</summary>
    public string ProvisioningState => Properties.Text("provisioningState") ?? string.Empty;

    /// <summary>Where it is.</summary>
    public string Location => Text("location") ?? string.Empty;

    /// <summary>Its zones; empty for none.</summary>
    public IReadOnlyList<string> Zones => Body["zones"] is JsonArray zones ? [.. zones.Select(zone => zone!.GetValue<string>())] : [];

    /// <summary>Its tags.</summary>
    public IReadOnlyDictionary<string, string> Tags => Body["tags"] is JsonObject tags
        ? tags.ToDictionary(tag => tag.Key, tag => tag.Value?.GetValue<string>() ?? string.Empty, StringComparer.OrdinalIgnoreCase)
        : new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>A text of the resource itself; null when there is none.</summary>
    public string? Text(string name) => Body.Text(name);
}
