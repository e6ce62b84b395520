using System.Text.Json;
using System.Text.Json.Nodes;
using Azure;
using StatefulDeploy.Contracts;

namespace StatefulDeploy.Azure.Arm;

/// <summary>What Resource Manager answered. An error is an answer too: an error under HTTP 200 is one all the same.</summary>
internal sealed class ArmAnswer
{
    private readonly Dictionary<string, string> _headers;

    public ArmAnswer(ArmRequest request, Response response)
    {
        Request = request;
        _headers = response.Headers.ToDictionary(header => header.Name, header => header.Value, StringComparer.OrdinalIgnoreCase);
        Status = response.Status;
        Body = Read(response);
        var error = ArmError.Find(Body) ?? (Status >= 400 ? new ArmError($"Http{Status}", $"The answer was HTTP {Status} {response.ReasonPhrase}.") : null);
        Error = error is null ? null : error with { OfServer = Status >= 500 };
    }

    /// <summary>The request.</summary>
    public ArmRequest Request { get; }

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>The JSON object of the answer, with everything that we do not know in it; null for none.</summary>
    public JsonObject? Body { get; }

    /// <summary>The error; null for none.</summary>
    public ArmError? Error { get; }

    /// <summary>Whether there is no such resource.</summary>
    public bool IsMissing => Status == 404;

    /// <summary>The version of the resource, for If-Match.</summary>
    public string? ETag => Header("ETag") ?? (Body?["etag"] as JsonValue)?.GetValue<string>();

    /// <summary>When to ask again; null when it does not say.</summary>
    public TimeSpan? RetryAfter => int.TryParse(Header("Retry-After"), out var seconds) && seconds >= 0 ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>A header; null when there is none.</summary>
    public string? Header(string name) => _headers.GetValueOrDefault(name);

    /// <summary>This, when it is no error.</summary>
    /// <exception cref="UpgradeException">It is one.</exception>
    public ArmAnswer Require() => Error is null ? this : throw ArmFailures.Explain(Error, Status, Request.Subject);

    /// <summary>The resource that the answer holds.</summary>
    /// <exception cref="UpgradeException">It is an error.</exception>
    public ArmResource Resource() => new(Require().Body ?? [], ETag);

    private static JsonObject? Read(Response response)
    {
        if (response.ContentStream is null || response.Content.ToMemory() is not { IsEmpty: false } content)
            return null;

        try
        {
            return JsonNode.Parse(content.Span) as JsonObject;
        }
        catch (JsonException)
        {
            // A gateway between us and Resource Manager answers in HTML.
            return null;
        }
    }
}
