using System.Text.Json.Nodes;
using StatefulDeploy.Harness.Azure.Arm;
using StatefulDeploy.Harness.Azure.OpenApi;

namespace StatefulDeploy.Azure.Tests.Simulator;

/// <summary>An example of an operation: a request and the answers to it.</summary>
internal sealed class PublishedExample
{
    private readonly OpenApiOperation _operation;
    private readonly JsonNode _example;

    private PublishedExample(OpenApiOperation operation, string name, JsonNode example)
    {
        _operation = operation;
        _example = example;
        Name = $"{operation.Node.File.Version} {operation.Id} '{name}'";
        Request = Make();
    }

    public string Name { get; }

    public string Operation => _operation.Id;

    public ArmRequest Request { get; }

    /// <summary>The examples of all operations.</summary>
    public static IEnumerable<PublishedExample> All() => OpenApiLibrary.Shared.Operations.SelectMany(Of);

    /// <summary>Its path and query in a subscription and group that there are.</summary>
    public string Path(string subscription, string group)
    {
        var parts = Request.Path.Split('/');
        for (var index = 0; index < parts.Length - 1; index++)
        {
            parts[index + 1] = parts[index].ToLowerInvariant() switch
            {
                "subscriptions" => subscription,
                "resourcegroups" => group,
                _ => parts[index + 1],
            };
        }

        return $"{string.Join('/', parts)}?{string.Join('&', Request.Query.Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value)}"))}";
    }

    /// <summary>What the validator finds wrong with it.</summary>
    public IEnumerable<string> Problems(OpenApiContract contract) => contract.Check(Request).Select(problem => $"request: {problem}").Concat(_example["responses"]!.AsObject()
        .Where(response => int.Parse(response.Key, null) < 400)
        .SelectMany(response => contract.Check(Request, new ArmAnswer(int.Parse(response.Key, null), response.Value?["body"]?.DeepClone())).Select(problem => $"answer {response.Key}: {problem}")));

    private static IEnumerable<PublishedExample> Of(OpenApiOperation operation)
    {
        if (!operation.Node.Element.TryGetProperty("x-ms-examples", out var examples))
        {
            yield break;
        }

        foreach (var example in examples.EnumerateObject())
        {
            var path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(operation.Node.File.Path)!, example.Value.GetProperty("$ref").GetString()!);
            // The data is closed under what the files need, and has not every example.
            if (File.Exists(path))
            {
                yield return new PublishedExample(operation, example.Name, JsonNode.Parse(File.ReadAllText(path))!);
            }
        }
    }

    private ArmRequest Make()
    {
        var path = _operation.Template;
        JsonNode? body = null;
        var query = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["api-version"] = _operation.Node.File.Version };
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var parameter in _operation.Parameters)
        {
            var name = parameter.Text("name")!;
            var value = _example["parameters"]![name];
            switch (parameter.Text("in"))
            {
                case "body":
                    body = value?.DeepClone();
                    break;
                case "path":
                    path = path.Replace($"{{{name}}}", value?.ToString() ?? "missing", StringComparison.Ordinal);
                    break;
                case "query" when value is not null && name != "api-version":
                    query[name] = value is JsonArray list ? string.Join(',', list) : value.ToString();
                    break;
                case "header" when value is not null:
                    headers[name] = value.ToString();
                    break;
            }
        }

        return new ArmRequest(_operation.Method, path, query, headers, body);
    }
}
