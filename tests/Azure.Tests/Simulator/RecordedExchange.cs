using System.Text.Json.Nodes;

namespace StatefulDeploy.Azure.Tests.Simulator;

/// <summary>A recorded request and its answer.</summary>
internal sealed record RecordedExchange(
    string Method,
    Uri Url,
    IReadOnlyDictionary<string, string> RequestHeaders,
    JsonNode? RequestBody,
    int Status,
    IReadOnlyDictionary<string, string> Headers,
    JsonNode? Body);
