using System.Text.Json;

namespace StatefulDeploy.Harness.Azure.OpenApi;

/// <summary>What a schema and all that it is made of (<c>allOf</c>) say of an object.</summary>
internal sealed class SchemaShape
{
    private SchemaShape()
    {
    }

    /// <summary>Its properties: the schema as it stands there, and where it leads.</summary>
    public Dictionary<string, (OpenApiNode Declared, OpenApiNode Schema)> Properties { get; } = new(StringComparer.Ordinal);

    /// <summary>Those that must be there.</summary>
    public HashSet<string> Required { get; } = new(StringComparer.Ordinal);

    /// <summary>The definitions it is made of, by their properties' owner.</summary>
    public List<OpenApiNode> Parts { get; } = [];

    /// <summary>The schema of what else may be there; null when nothing may.</summary>
    public OpenApiNode? Additional { get; private set; }

    /// <summary>Whether anything may be there.</summary>
    public bool Open { get; private set; }

    public static SchemaShape Of(OpenApiNode schema)
    {
        var shape = new SchemaShape();
        shape.Add(schema);
        shape.Open |= shape.Properties.Count == 0 && shape.Additional is null;
        return shape;
    }

    private void Add(OpenApiNode schema)
    {
        schema = schema.Resolved();
        if (schema.Text("discriminator") is not null)
        {
            throw new NotSupportedException($"{schema.File.Path}: no file had a discriminator when this was written, and the validator knows none.");
        }

        Parts.Add(schema);
        foreach (var part in schema.All("allOf"))
        {
            Add(part);
        }

        if (schema.Element.TryGetProperty("properties", out var properties))
        {
            foreach (var property in properties.EnumerateObject())
            {
                var declared = new OpenApiNode(schema.File, property.Value);
                Properties[property.Name] = (declared, declared.Resolved());
            }
        }

        if (schema.Element.TryGetProperty("required", out var required) && required.ValueKind == JsonValueKind.Array)
        {
            Required.UnionWith(required.EnumerateArray().Select(name => name.GetString()!));
        }

        if (schema.Element.TryGetProperty("additionalProperties", out var additional))
        {
            Open |= additional.ValueKind == JsonValueKind.True;
            Additional = additional.ValueKind == JsonValueKind.Object ? new OpenApiNode(schema.File, additional).Resolved() : Additional;
        }
    }
}
