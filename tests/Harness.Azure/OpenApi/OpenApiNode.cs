using System.Text.Json;

namespace StatefulDeploy.Harness.Azure.OpenApi;

/// <summary>A place in an OpenAPI file. References are followed from there, also into other files.</summary>
/// <param name="File">The file.</param>
/// <param name="Element">What stands there.</param>
/// <param name="Name">Its name, when a reference led there.</param>
public readonly record struct OpenApiNode(OpenApiFile File, JsonElement Element, string? Name = null)
{
    /// <summary>What is under a name, its reference followed; null when nothing is.</summary>
    /// <param name="name">The name.</param>
    public OpenApiNode? At(string name) => Element.ValueKind == JsonValueKind.Object && Element.TryGetProperty(name, out var value) ? new OpenApiNode(File, value).Resolved() : null;

    /// <summary>A text, or null.</summary>
    /// <param name="name">Its name.</param>
    public string? Text(string name) => Element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Whether a switch is there and on.</summary>
    /// <param name="name">Its name.</param>
    public bool Is(string name) => Element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    /// <summary>A number, or null.</summary>
    /// <param name="name">Its name.</param>
    public double? Number(string name) => Element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    /// <summary>The elements under a name, references followed.</summary>
    /// <param name="name">The name of an array, which may be missing.</param>
    public IEnumerable<OpenApiNode> All(string name)
    {
        var file = File;
        return Element.TryGetProperty(name, out var array) && array.ValueKind == JsonValueKind.Array
            ? [.. array.EnumerateArray().Select(element => new OpenApiNode(file, element).Resolved())]
            : [];
    }

    /// <summary>Where its reference leads, or itself.</summary>
    public OpenApiNode Resolved()
    {
        var node = this;
        while (node.Element.ValueKind == JsonValueKind.Object && node.Element.TryGetProperty("$ref", out var reference) && reference.ValueKind == JsonValueKind.String)
        {
            node = node.File.Follow(reference.GetString()!);
        }

        return node;
    }
}
