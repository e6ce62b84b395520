using System.Text.Json.Nodes;

namespace StatefulDeploy.Harness.Azure;

/// <summary>An answer as a client got it.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Headers">The headers, names without regard to case.</param>
/// <param name="Body">The body; null when there is none.</param>
public sealed record AzureReply(int Status, IReadOnlyDictionary<string, string[]> Headers, JsonNode? Body)
{
    /// <summary>The code of its error, also of one that an operation tells under HTTP 200; null when there is none.</summary>
    public string? ErrorCode => (Body as JsonObject)?["error"]?["code"]?.GetValue<string>();

    /// <summary>A header; null when it is not there.</summary>
    /// <param name="name">Its name.</param>
    public string? Header(string name) => Headers.TryGetValue(name, out var values) ? values[0] : null;

    internal static async Task<AzureReply> ReadAsync(HttpResponseMessage response)
    {
        var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(pair => pair.Key, pair => pair.Value.ToArray(), StringComparer.OrdinalIgnoreCase);
        var text = await response.Content.ReadAsStringAsync();
        return new AzureReply((int)response.StatusCode, headers, text.Length == 0 ? null : JsonNode.Parse(text));
    }
}
