using System.Text.Json;

namespace StatefulDeploy.Harness.Azure.OpenApi;

/// <summary>One OpenAPI 2.0 file.</summary>
public sealed class OpenApiFile
{
    private readonly Func<string, OpenApiFile> _open;
    private readonly JsonElement _root;

    /// <param name="path">Its full path, or a name for one that is no file.</param>
    /// <param name="text">What it says.</param>
    /// <param name="open">Opens a file that it refers to, by its full path.</param>
    public OpenApiFile(string path, string text, Func<string, OpenApiFile> open)
    {
        Path = path;
        _open = open;
        _root = JsonDocument.Parse(text).RootElement;
        Version = _root.GetProperty("info").GetProperty("version").GetString()!;
    }

    /// <summary>Its path.</summary>
    public string Path { get; }

    /// <summary>The api-version it describes.</summary>
    public string Version { get; }

    /// <summary>All of it.</summary>
    public OpenApiNode Root => new(this, _root);

    /// <summary>Where a reference leads.</summary>
    /// <param name="reference">Such as <c>./common.json#/definitions/Resource</c>.</param>
    /// <exception cref="InvalidDataException">It leads nowhere.</exception>
    public OpenApiNode Follow(string reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        var hash = reference.IndexOf('#', StringComparison.Ordinal);
        var file = hash == 0 ? this : _open(System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, reference[..hash])));
        var element = file._root;
        foreach (var part in reference[(hash + 2)..].Split('/'))
        {
            if (!element.TryGetProperty(part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal), out element))
            {
                throw new InvalidDataException($"{Path} refers to {reference}, which is not there.");
            }
        }

        return new OpenApiNode(file, element, reference[(reference.LastIndexOf('/') + 1)..]);
    }
}
