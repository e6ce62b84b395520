using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace StatefulDeploy.Harness.Azure.OpenApi;

/// <summary>Holds JSON to a schema of OpenAPI 2.0: types, formats, enumerations, bounds, what must be there and what may.</summary>
/// <param name="exceptions">What newer versions have besides.</param>
/// <param name="direction">Whose words it is.</param>
/// <param name="newer">Whether the api-version is newer than the files, and what the exceptions list may be there.</param>
internal sealed class SchemaValidator(OpenApiExceptions exceptions, Direction direction, bool newer)
{
    private readonly List<string> _problems = [];

    /// <summary>What is wrong, each with its place.</summary>
    public IReadOnlyList<string> Problems => _problems;

    public void Check(OpenApiNode schema, JsonNode? value, string at)
    {
        schema = schema.Resolved();
        if (value is null)
        {
            Expect(schema.Is("x-nullable"), at, "is null");
            return;
        }

        switch (schema.Text("type") ?? (schema.Element.TryGetProperty("properties", out _) || schema.Element.TryGetProperty("allOf", out _) ? "object" : null))
        {
            case "object":
                CheckObject(schema, value, at);
                break;
            case "array":
                CheckArray(schema, value, at);
                break;
            case "string":
                CheckText(schema, value, at);
                break;
            case "boolean":
                Expect(value.GetValueKind() is JsonValueKind.True or JsonValueKind.False, at, "is no boolean");
                break;
            case "integer" or "number":
                CheckNumber(schema, value, at);
                break;
            case null:
                break;
            case var other:
                throw new NotSupportedException($"{schema.File.Path}: the type {other}");
        }
    }

    /// <summary>Holds a text of a path, query or header to its parameter.</summary>
    public void CheckParameter(OpenApiNode parameter, string value, string at)
    {
        Check(parameter, Read(parameter, value), at);
    }

    // A text in a path, query or header is what its schema says, if it can be.
    private static JsonNode Read(OpenApiNode schema, string value) => schema.Text("type") switch
    {
        "boolean" when bool.TryParse(value, out var flag) => flag,
        "integer" or "number" when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        "array" => new JsonArray([.. value.Split(',').Select(part => Read(schema.At("items")!.Value, part))]),
        _ => value,
    };

    private void CheckObject(OpenApiNode schema, JsonNode value, string at)
    {
        if (value is not JsonObject found)
        {
            _problems.Add($"{at} is no object");
            return;
        }

        var shape = SchemaShape.Of(schema);
        foreach (var name in shape.Required.Where(name => !found.ContainsKey(name)))
        {
            var onlyTheServices = direction == Direction.Request && shape.Properties.TryGetValue(name, out var property) && (property.Declared.Is("readOnly") || property.Schema.Is("readOnly"));
            Expect(onlyTheServices, at, $"has no {name}");
        }

        foreach (var (name, child) in found.ToList())
        {
            var where = $"{at}.{name}";
            if (shape.Properties.TryGetValue(name, out var property))
            {
                if (child is not null || !property.Declared.Is("x-nullable"))
                {
                    Check(property.Schema, child, where);
                }
            }
            else if (shape.Additional is { } additional)
            {
                Check(additional, child, where);
            }
            else if (!shape.Open)
            {
                CheckUnknown(shape, found, name, where);
            }
        }
    }

    // What only newer versions have is left out of an answer to an older one, as the service does.
    private void CheckUnknown(SchemaShape shape, JsonObject found, string name, string at)
    {
        var listed = shape.Parts.Select(part => exceptions.Newer(NameOf(part), name)).FirstOrDefault(schema => schema is not null);
        if (listed is { } schema && newer)
        {
            Check(schema, found[name], at);
        }
        else if (listed is not null && direction == Direction.Response)
        {
            found.Remove(name);
        }
        else
        {
            _problems.Add($"{at} is unknown to {string.Join(" and ", shape.Parts.Select(NameOf))}");
        }
    }

    private void CheckArray(OpenApiNode schema, JsonNode value, string at)
    {
        if (value is not JsonArray found)
        {
            _problems.Add($"{at} is no array");
            return;
        }

        Expect(!(found.Count < schema.Number("minItems")), at, $"has less than {schema.Number("minItems")} elements");
        Expect(!(found.Count > schema.Number("maxItems")), at, $"has more than {schema.Number("maxItems")} elements");
        if (schema.At("items") is { } items)
        {
            for (var index = 0; index < found.Count; index++)
            {
                Check(items, found[index], FormattableString.Invariant($"{at}[{index}]"));
            }
        }
    }

    private void CheckText(OpenApiNode schema, JsonNode value, string at)
    {
        if (value.GetValueKind() != JsonValueKind.String)
        {
            _problems.Add($"{at} is no text");
            return;
        }

        var text = value.GetValue<string>();
        Expect(!(text.Length < schema.Number("minLength")), at, $"is shorter than {schema.Number("minLength")}");
        Expect(!(text.Length > schema.Number("maxLength")), at, $"is longer than {schema.Number("maxLength")}");
        Expect(schema.Text("pattern") is not { } pattern || Regex.IsMatch(text, pattern, RegexOptions.None, TimeSpan.FromSeconds(1)), at, $"'{text}' does not match {schema.Text("pattern")}");
        if (schema.Element.TryGetProperty("enum", out var allowed) && !exceptions.IsOpen(schema))
        {
            Expect(allowed.EnumerateArray().Any(one => one.GetString() == text), at, $"'{text}' is none of {string.Join(", ", allowed.EnumerateArray().Select(one => one.GetString()))}");
        }

        var format = schema.Text("format");
        Expect(format switch
        {
            "date-time" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _) && text.Contains('T', StringComparison.Ordinal),
            "uuid" => Guid.TryParse(text, out _),
            "byte" => Convert.TryFromBase64String(text, new byte[text.Length], out _),
            "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
            _ => true,
        }, at, $"'{text}' is no {format}");
    }

    private void CheckNumber(OpenApiNode schema, JsonNode value, string at)
    {
        if (value.GetValueKind() != JsonValueKind.Number)
        {
            _problems.Add($"{at} is no number");
            return;
        }

        var number = double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);
        Expect(schema.Text("type") != "integer" || Math.Floor(number) == number, at, $"{number} is no integer");
        Expect(schema.Text("format") != "int32" || Math.Abs(number) <= int.MaxValue, at, $"{number} is no int32");
        Expect(!(number < schema.Number("minimum")) && !(schema.Is("exclusiveMinimum") && number == schema.Number("minimum")), at, $"{number} is below {schema.Number("minimum")}");
        Expect(!(number > schema.Number("maximum")) && !(schema.Is("exclusiveMaximum") && number == schema.Number("maximum")), at, $"{number} is above {schema.Number("maximum")}");
        if (schema.Element.TryGetProperty("enum", out var allowed))
        {
            Expect(allowed.EnumerateArray().Any(one => one.GetDouble() == number), at, $"{number} is none of the allowed");
        }
    }

    private void Expect(bool holds, string at, string problem)
    {
        if (!holds)
        {
            _problems.Add($"{at} {problem}");
        }
    }

    private static string NameOf(OpenApiNode definition) => definition.Name ?? "an unnamed schema";
}
