using System.Text.Json.Nodes;

namespace StatefulDeploy.Harness.Azure.Arm;

/// <summary>A request to Azure Resource Manager.</summary>
/// <param name="Method">Its method, in capitals.</param>
/// <param name="Path">Its path, decoded, without the query.</param>
/// <param name="Query">Its query, names without regard to case.</param>
/// <param name="Headers">Its headers, names without regard to case.</param>
/// <param name="Body">Its body; null when there is none.</param>
public sealed record ArmRequest(string Method, string Path, IReadOnlyDictionary<string, string> Query, IReadOnlyDictionary<string, string> Headers, JsonNode? Body)
{
    /// <summary>The parameter that a <c>nextLink</c> carries.</summary>
    public const string SkipToken = "$skiptoken";

    /// <summary>The version of the API it is in.</summary>
    public string? ApiVersion => Query.GetValueOrDefault("api-version");

    /// <summary>The resource it is about.</summary>
    public ResourcePath Target { get; } = ResourcePath.Parse(Path);

    /// <summary>Its body, which the contract has seen to be an object.</summary>
    public JsonObject Content => Body as JsonObject ?? [];

    public override string ToString() => $"{Method} {Path}?api-version={ApiVersion}";
}
