namespace StatefulDeploy.Harness.Azure.OpenApi;

/// <summary>
/// The exceptions file: what Azure does that the OpenAPI files here do not say. The recordings are of newer api-versions than the files, and some
/// paths (the polling of operations, for one) are in no file.
/// </summary>
public sealed class OpenApiExceptions
{
    /// <summary>The version of the exceptions file's own paths, which do not depend on the api-version.</summary>
    public const string AnyVersion = "*";

    private readonly Dictionary<string, string> _versions = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Definition, string Property), OpenApiNode> _newer = [];

    private readonly HashSet<string> _open;

    private OpenApiExceptions(OpenApiFile file)
    {
        File = file;
        _open = [.. file.Root.Element.GetProperty("x-open-enumerations").EnumerateArray().Select(name => name.GetString()!)];
        foreach (var version in file.Root.Element.GetProperty("x-newer-versions").EnumerateObject())
        {
            _versions[version.Name] = version.Value.GetString()!;
        }

        foreach (var definition in file.Root.Element.GetProperty("x-newer-properties").EnumerateObject())
        {
            foreach (var property in definition.Value.EnumerateObject())
            {
                _newer[(definition.Name, property.Name)] = new OpenApiNode(file, property.Value);
            }
        }
    }

    /// <summary>The file, whose paths and definitions are OpenAPI as any other's.</summary>
    internal OpenApiFile File { get; }

    /// <summary>The error that an operation answers with whose file describes none.</summary>
    internal OpenApiNode Error => File.Follow("#/definitions/CloudError");

    /// <summary>The version of the files that a newer one is held to; null when the version is not a newer one.</summary>
    /// <param name="version">An api-version.</param>
    internal string? HeldTo(string version) => _versions.GetValueOrDefault(version);

    /// <summary>The schema of a property that newer versions have; null when they have no such one.</summary>
    /// <param name="definition">The definition it is missing in, by name.</param>
    /// <param name="property">Its name.</param>
    internal OpenApiNode? Newer(string definition, string property) => _newer.TryGetValue((definition, property), out var schema) ? schema.Resolved() : null;

    /// <summary>Whether an enumeration has more values than its file says.</summary>
    /// <param name="schema">The schema with the enumeration.</param>
    internal bool IsOpen(OpenApiNode schema) => schema.At("x-ms-enum")?.Text("name") is { } name && _open.Contains(name);

    internal static OpenApiExceptions Read(OpenApiLibrary library)
    {
        using var stream = typeof(OpenApiExceptions).Assembly.GetManifestResourceStream("exceptions.json") ?? throw new InvalidOperationException("exceptions.json is not in the assembly.");
        using var reader = new StreamReader(stream);
        return new OpenApiExceptions(new OpenApiFile(Path.Combine(AzureData.OpenApi, "exceptions.json"), reader.ReadToEnd(), library.Open));
    }
}
